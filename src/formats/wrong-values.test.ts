/** Values of another kind than a service takes: with them it does not start, and that is said where they stand. */
import { describe, expect, test } from "vitest";
import { describePlace } from "../lib/place.ts";
import { systemsOf } from "../platforms/testing/systems-of.ts";

function problemsIn(files: Readonly<Record<string, string>>): readonly string[] {
  return systemsOf(files).flatMap(({ problems }) =>
    problems.map(({ message, place }) => `${describePlace(place)} ${message}`),
  );
}

describe("Vault", () => {
  const server = (listener: string, more = "") =>
    `storage "file" { path = "/d" }\nlistener "tcp" {\n  ${listener}\n}\n${more}`;
  const told = (text: string, path = "vault.hcl") => problemsIn({ [path]: text });

  test.each([
    ["tls_disable = true"],
    ['tls_disable = "T"'],
    ["tls_disable = 2"],
    ['tls_disable = ""'],
    ['tls_disable = "{{ off }}"'],
    ['tls_disable = "${OFF}"'],
    ['tls_min_version = "tls13"'],
    ['tls_disable = 1\n  tls_min_version = "none"'],
    ['tls_disable = var.off\n  tls_min_version = "none"'],
    ['address = "yes"'],
  ])("takes `%s`.", (listener) => {
    expect(told(server(listener))).toEqual([]);
  });

  test("starts with no other word for true or false, nor for a version.", () => {
    const start = "The server does not start with this file:";
    expect(told(server('tls_disable = "yes"'))).toEqual([
      `vault.hcl:3:17 ${start} \`tls_disable\` is neither true nor false.`,
    ]);
    expect(told(server('tls_min_version = "tls14"'))).toEqual([
      `vault.hcl:3:21 ${start} \`tls_min_version\` is no version of TLS.`,
    ]);
    expect(told(server("", 'disable_mlock = "on"\n'))).toEqual([
      `vault.hcl:5:17 ${start} \`disable_mlock\` is neither true nor false.`,
    ]);
    expect(told(server('telemetry { unauthenticated_metrics_access = "open" }'))).toHaveLength(1);
    const json = JSON.stringify({ storage: { file: { path: "/d" } }, listener: { tcp: { tls_disable: "yes" } } });
    expect(told(json, "vault/config.json")).toHaveLength(1);
  });
});

describe("Authelia", () => {
  const told = (more: string, variables = "") =>
    problemsIn({
      "compose.yaml": `services:\n  a:\n    image: authelia/authelia:4.39\n    volumes: ["./configuration.yml:/config/configuration.yml:ro"]\n${variables}`,
      "configuration.yml": `session: {secret: '{{ secret "/s" }}'}\n${more}`,
    });

  test.each([
    ["access_control: {default_policy: two_factor, rules: [{domain: a, policy: bypass}]}"],
    ["access_control: {default_policy: ''}"],
    ["access_control: {default_policy: '{{ env \"P\" }}'}"],
    ["access_control: {default_policy: '${P}'}"],
    ["regulation: {max_retries: '3'}\naccess_control: {default_policy: deny}"],
    ["notifier: {smtp: {tls: {skip_verify: T}}}\naccess_control: {default_policy: deny}"],
  ])("takes `%s`.", (text) => {
    expect(told(text)).toEqual([]);
  });

  test("starts with no other policy, switch or number.", () => {
    const start = "Authelia does not start with this file:";
    expect(told("access_control: {default_policy: allow}\n")).toEqual([
      `configuration.yml:2:34 ${start} \`default_policy\` is no policy.`,
    ]);
    expect(told("access_control:\n  rules:\n    - {domain: a, policy: one-factor}\n")).toEqual([
      `configuration.yml:4:27 ${start} \`policy\` is no policy.`,
    ]);
    expect(told("access_control: {}\nauthentication_backend: {ldap: {tls: {skip_verify: yes}}}\n")).toEqual([
      `configuration.yml:3:52 ${start} \`skip_verify\` is neither true nor false.`,
    ]);
    expect(told("access_control: {}\nregulation: {max_retries: none}\n")).toEqual([
      `configuration.yml:3:27 ${start} \`max_retries\` is not a number.`,
    ]);
  });

  test("does not look at a policy in the file that a variable goes before.", () => {
    const variables = "    environment: {AUTHELIA_ACCESS_CONTROL_DEFAULT_POLICY: deny}\n";
    expect(told("access_control: {default_policy: allow}\n", variables)).toEqual([]);
  });

  test("tells the same where it is told which files to read.", () => {
    const variables = "    command: authelia --config=/config/configuration.yml\n";
    expect(told("access_control: {default_policy: allow}\n", variables)).toHaveLength(1);
  });
});

describe("Grafana", () => {
  const told = (datasource: string, version = "apiVersion: 1\n") =>
    problemsIn({ "grafana/datasources.yaml": `${version}datasources:\n  - name: a\n    type: b\n    ${datasource}\n` });

  test.each([["isDefault: true"], ["editable: '1'"], ["basicAuth: $AUTH"], ["jsonData: {tlsSkipVerify: maybe}"]])(
    "takes `%s`.",
    (datasource) => {
      expect(told(datasource)).toEqual([]);
    },
  );

  test("starts with no other word for a switch of a datasource, and with nothing but a list of them.", () => {
    expect(told("isDefault: yes")).toEqual([
      "grafana/datasources.yaml:5:16 Grafana does not start with this file: `isDefault` is neither true nor false.",
    ]);
    expect(told("isDefault: yes", "")).toEqual([]);
    expect(problemsIn({ "grafana/datasources.yaml": "apiVersion: 1\ndatasources:\n  type: prometheus\n" })).toEqual([
      "grafana/datasources.yaml:3:3 Grafana does not start with this file: `datasources` is not a list.",
    ]);
  });
});
