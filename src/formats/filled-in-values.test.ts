/** A value that a variable or a template fills in later says nothing yet: neither a fault nor that there is none. */
import { describe, expect, test } from "vitest";
import type { Configuration, Software } from "../facts/configuration/configuration.ts";
import type { ServiceConfiguration } from "../facts/configuration/service.ts";
import { knownValue } from "../facts/fact.ts";
import { systemsOf } from "../platforms/testing/systems-of.ts";

const filled = ["${VALUE}", "{{ value }}", "<%= value %>"];

type Of<S extends Software> =
  S extends Exclude<ServiceConfiguration["software"], "vault">
    ? ServiceConfiguration
    : Extract<Configuration, { readonly software: S }>;

function configurationOf<S extends Software>(software: S, path: string, text: string): Of<S> {
  const files = systemsOf({ [path]: text }).flatMap((system) => system.all("repository-file"));
  const found = files.find(({ configuration }) => configuration?.software === software)?.configuration;
  if (found === undefined) throw new Error(`${path} was not read`);
  return found as Of<S>;
}

describe.each(filled)("By %s it is left open", (value) => {
  test("whom Alertmanager tells.", () => {
    const delivered = (route: string, receiver: string) =>
      configurationOf(
        "alertmanager",
        "alertmanager.yml",
        `route: { receiver: "${route}" }\nreceivers: [{ name: "${receiver}", email_configs: [{ to: a@b.c }] }]\n`,
      ).alertsDelivered?.kind;
    expect([delivered(value, "mail"), delivered("mail", value)]).toEqual(["unknown", "unknown"]);
    expect(delivered("mail", "mail")).toBe("stated");
  });

  test("what Docker's engine is told.", () => {
    const engine = configurationOf(
      "docker-daemon",
      "docker/daemon.json",
      `{ "hosts": ["tcp://${value}:2376"], "userns-remap": "${value}", "seccomp-profile": "${value}", "insecure-registries": ["${value}"] }`,
    );
    expect([engine.addresses, engine.weakRegistries].map((list) => [list.items.length, list.complete])).toEqual([
      [0, false],
      [0, false],
    ]);
    expect([engine.usersRemapped.kind, engine.seccomp.kind]).toEqual(["unknown", "unknown"]);
  });

  test("what Grafana's secrets are, and what its visitors may do.", () => {
    const { weakSecrets, openDoors } = configurationOf(
      "grafana",
      "grafana/grafana.ini",
      `[security]\nadmin_password = ${value}\nsecret_key = ${value}\n[auth.anonymous]\nenabled = true\norg_role = ${value}\n`,
    );
    expect([weakSecrets?.items.length, weakSecrets?.complete]).toEqual([0, false]);
    expect(openDoors?.items.map(({ what }) => what)).toEqual(["visitors need no login"]);
  });

  test("what a `Match` block of sshd says.", () => {
    const { exceptions } = configurationOf(
      "sshd",
      "sshd_config",
      `PermitRootLogin no\nMatch User a\n  PasswordAuthentication ${value}\n`,
    );
    expect([exceptions.items.length, exceptions.complete]).toEqual([0, false]);
  });

  test("what jobs of a runner are given.", () => {
    const runner = configurationOf(
      "act-runner",
      "runner.yaml",
      `runner: { capacity: 1 }\ncontainer:\n  privileged: false\n  network: "${value}"\n  docker_host: "${value}"\n  options: "${value}"\n  valid_volumes: ["${value}"]\n`,
    );
    expect([runner.network.kind, runner.engine.kind, runner.options.kind]).toEqual(Array(3).fill("unknown"));
    expect(runner.volumes.complete).toBe(false);
  });

  test("where a server of Vault listens.", () => {
    const { listeners } = configurationOf(
      "vault",
      "vault/config.json",
      `{ "storage": { "file": { "path": "/d" } }, "listener": { "tcp": { "address": "${value}:8200", "tls_disable": true } } }`,
    );
    expect(listeners.items.map(({ address }) => address.kind)).toEqual(["unknown"]);
  });

  test("whether Loki asks who comes, and how long it keeps logs.", () => {
    const { openDoors, logDays } = configurationOf(
      "loki",
      "loki.yaml",
      `auth_enabled: "${value}"\nserver: {}\ncompactor: { retention_enabled: true }\nlimits_config: { retention_period: "${value}" }\n`,
    );
    expect([openDoors?.complete, logDays && (knownValue(logDays) ?? logDays.kind)]).toEqual([false, "unknown"]);
  });
});
