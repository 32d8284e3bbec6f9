import { describe, expect, test } from "vitest";
import type { ServiceConfiguration } from "../facts/configuration/service.ts";
import { configurationsOf, systemsOf } from "../platforms/testing/systems-of.ts";

/** A file that says nothing bad, and the facts of it that a mistake behind it leaves open. */
const files: readonly (readonly [
  software: ServiceConfiguration["software"],
  path: string,
  text: string,
  facts: readonly (keyof ServiceConfiguration)[],
])[] = [
  ["loki", "loki.yaml", "schema_config: {configs: []}\nserver: {}\n", ["openDoors"]],
  [
    "authelia",
    "authelia/configuration.yml",
    "session: {}\naccess_control:\n  default_policy: deny\n",
    ["openDoors", "guessingLimited", "unverifiedUpstreams"],
  ],
  [
    "alertmanager",
    "alertmanager.yml",
    "receivers:\n  - name: a\n    webhook_configs: [{url: 'https://a.example.org'}]\nroute: {receiver: a}\n",
    ["unverifiedUpstreams"],
  ],
  [
    "grafana",
    "grafana/datasources.yaml",
    "apiVersion: 1\ndatasources:\n  - name: a\n    type: prometheus\n",
    ["unverifiedUpstreams"],
  ],
  [
    "prometheus",
    "prometheus.yml",
    "scrape_configs:\n  - job_name: a\n    scheme: https\n    static_configs: [{targets: ['a:1']}]\n",
    ["unverifiedUpstreams"],
  ],
  ["crowdsec", "acquis.yaml", "filenames: [/var/log/a.log]\nlabels: {type: nginx}\n", ["blindBecause"]],
];

const isOpen = (fact: unknown): boolean =>
  typeof fact === "object" &&
  fact !== null &&
  (("complete" in fact && fact.complete === false) || ("kind" in fact && fact.kind === "unknown"));

describe("Of a file that cannot be read to its end", () => {
  test.each(files)("what %s does not say is not taken for unsaid (%s).", (software, path, text, facts) => {
    const openIn = (written: string) =>
      configurationsOf(systemsOf({ [path]: written }), software).map((configuration) =>
        facts.map((name) => [name, isOpen(configuration[name])]),
      );
    expect(openIn(text)).toEqual([facts.map((name) => [name, false])]);
    expect(openIn(`${text}more: [\n`)).toEqual([facts.map((name) => [name, true])]);
  });
});
