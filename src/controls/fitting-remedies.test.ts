/** What mends a finding is said in words that fit the file: nothing is named that it does not have. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { flatFindings } from "./known-findings.ts";
import { allControls } from "./registry.ts";

const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;

function remedies(text: string, control: string): readonly string[] {
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  return flatFindings(findings)
    .filter((finding) => finding.control === control && finding.verdict === "fail")
    .map(({ remedy }) => remedy);
}

// covers: A3 | compose
test.each([
  [
    "{image: 'grafana/grafana:11.1.0', environment: {GF_AUTH_ANONYMOUS_ENABLED: 'true'}}",
    "`GF_AUTH_ANONYMOUS_ENABLED`",
  ],
  ["{image: 'elasticsearch:8.16.0', environment: {xpack.security.enabled: 'false'}}", "`ELASTIC_PASSWORD_FILE`"],
  ["{image: 'mongo:8'}", "`MONGO_INITDB_ROOT_PASSWORD_FILE`"],
  ["{image: 'mariadb:11', environment: {MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: '1'}}", "`MARIADB_ROOT_PASSWORD_FILE`"],
  ["{image: 'postgres:17', environment: {POSTGRES_HOST_AUTH_METHOD: trust}}", "`POSTGRES_PASSWORD_FILE`"],
  ["{image: 'redis:8'}", "`--requirepass`"],
  ["{image: 'traefik:v3.2', command: ['--api.insecure=true']}", "`--api.insecure`"],
  ["{image: 'ghcr.io/example/a:1.0', environment: {DISABLE_AUTH: 'true'}}", "`DISABLE_AUTH`"],
])("A login is set by what the program itself reads: %s", (service, words) => {
  const [remedy = "", ...others] = remedies(`services: {a: ${service}}`, "identity.authentication-on");
  expect(others).toEqual([]);
  expect(remedy).toContain(words);
  const ofOthers = ["GF_AUTH", "ELASTIC_", "MONGO_", "MARIADB_", "POSTGRES_", "--requirepass", "--api.insecure"];
  expect(ofOthers.filter((other) => !words.includes(other) && remedy.includes(other))).toEqual([]);
});

test("Logins that are mended in two ways are told by themselves.", () => {
  const text =
    "services:\n  g: {image: 'grafana/grafana:11.1.0', environment: {GF_AUTH_ANONYMOUS_ENABLED: 'true'}}\n  p: {image: 'postgres:17', environment: {POSTGRES_HOST_AUTH_METHOD: trust}}\n";
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  const apart = findings.flatMap(({ control, apart }) => (control === "identity.authentication-on" ? [apart] : []));
  expect(new Set(apart).size).toBe(2);
});

// covers: N7 | compose
test.each([
  ["privileged: true", ["`privileged`"]],
  ["pid: host", ["`pid: host`"]],
  ["volumes: ['/:/host']", ["the host's files"]],
  ["volumes: ['/:/host:ro']", ["engine's socket lies"]],
  ["volumes: ['/var/run/docker.sock:/s']", ["proxy in place of the engine's socket"]],
])("A power is taken by its own name: %s", (power, words) => {
  const text = `services: {a: {image: 'ghcr.io/example/a:1.0', ports: ['80:80'], ${power}}}`;
  const [remedy = ""] = remedies(text, "workload.exposure-contained");
  for (const word of words) expect(remedy).toContain(word);
  const all = ["`privileged`", "`pid: host`", "the host's files", "socket"];
  expect(all.filter((word) => remedy.includes(word))).toHaveLength(1);
});

test("What shares the host's network is not told to publish a port on the loopback.", () => {
  const text = "services: {a: {image: 'ghcr.io/example/a:1.0', network_mode: host, privileged: true}}";
  expect(remedies(text, "workload.exposure-contained")[0]).not.toContain("127.0.0.1");
});

// covers: S8 | compose
test("A default is spoken of where a variable stands, and a file where one gave the value.", () => {
  const text = (environment: string) =>
    `services: {a: {image: 'ghcr.io/example/a:1.0', environment: {${environment}}}}`;
  const written = remedies(text("ADMIN_PASSWORD: changeme"), "secrets.value-strong");
  expect(written).toEqual([expect.not.stringContaining(":?")]);
  const defaulted = remedies(text("ADMIN_PASSWORD: '${PW:-changeme}'"), "secrets.value-strong");
  expect(defaulted).toEqual([expect.stringContaining("${PW:?set PW in .env}")]);
  const inAddress = (password: string) =>
    remedies(text(`DATABASE_URL: 'postgres://\${PG_USER:-u}:${password}@db/x'`), "secrets.value-strong");
  expect(inAddress("${PG_PASS:-changeme}")).toEqual([expect.stringContaining("`PG_PASS`")]);
  expect(inAddress("changeme")).toEqual([expect.not.stringContaining("PG_USER")]);
});

// covers: A3 | files
test("The owner of a Mosquitto is told of Mosquitto.", () => {
  const cwd = fileURLToPath(new URL("identity/fixtures/identity.configured-login-required/", import.meta.url));
  const { findings } = evaluate(readPaths(["fail.anonymous-broker"], { cwd }).systems, allControls, options);
  const found = findings.find(({ control }) => control === "identity.configured-login-required");
  expect(found?.remedy).toContain("`allow_anonymous false`");
  expect(found?.remedy).not.toMatch(/Grafana|Authelia|Loki/);
});

// covers: N6 | kubernetes
test.each([
  ["external addresses publish", "fail.pod-external-addresses.yaml", /[Rr]emove `externalIPs` from/],
  ["an annotation publishes", "fail.pod-on-the-tailnet.yaml", /[Rr]emove the annotation `tailscale\.com\/expose` from/],
])("What %s is taken back by taking that away, whatever type the Service has.", (_, file, removes) => {
  const folder = fileURLToPath(new URL("network/fixtures/network.datastore-unpublished/", import.meta.url));
  const { findings } = evaluate(readPaths([file], { cwd: folder }).systems, allControls, options);
  const found = flatFindings(findings).filter(({ remedy }) =>
    /publish|`type: ClusterIP`|externalIPs|annotation/.test(remedy),
  );
  expect(found.length).toBeGreaterThan(0);
  for (const { remedy } of found) {
    expect(remedy).not.toContain("type: ClusterIP");
    expect(remedy).toMatch(removes);
  }
});

// covers: S5 | kubernetes
test("A literal of a generator is not told to be encrypted as the data of a manifest is.", () => {
  const folder = fileURLToPath(new URL("secrets/fixtures/secrets.manifest-encrypted/", import.meta.url));
  const remedyOf = (name: string) =>
    flatFindings(evaluate(readPaths([name], { cwd: folder }).systems, allControls, options).findings).find(
      ({ control }) => control === "secrets.manifest-encrypted",
    )?.remedy;
  expect(remedyOf("fail.literal-of-a-generator")).not.toContain("encrypted-regex");
  expect(remedyOf("fail.literal-of-a-generator")).toContain("under `envs:` or `files:` of the generator");
  expect(remedyOf("fail.text.yaml")).toContain("encrypted-regex");
});

// covers: A9 | files
test.each([
  ["fail.first-start-of-a-machine", /`ssh_pwauth: false`/],
  ["fail.empty-passwords.sshd_config", /`PasswordAuthentication no`/],
])("What opens SSH to passwords is taken back in the words of what says so: %s", (name, words) => {
  const folder = fileURLToPath(new URL("identity/fixtures/identity.ssh-keys-only/", import.meta.url));
  const { findings } = evaluate(readPaths([name], { cwd: folder }).systems, allControls, options);
  const found = flatFindings(findings).filter(({ control }) => control === "identity.ssh-keys-only");
  expect(found.length).toBeGreaterThan(0);
  for (const { remedy } of found) expect(remedy).toMatch(words);
});
