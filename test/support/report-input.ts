import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlDescription } from "../../src/contracts/control.ts";
import type { Finding, Ring } from "../../src/contracts/verdict.ts";
import type { System } from "../../src/facts/system.ts";
import { placeAt, Source } from "../../src/lib/place.ts";
import { loadComposeProject } from "../../src/platforms/compose/load/load.ts";
import { readComposeProject } from "../../src/platforms/compose/read.ts";
import type { ReportInput } from "../../src/report/input.ts";
import { ConfinedFiles } from "../../src/repository/files.ts";

/** Three services: one published, one beside it, one behind. */
export const threeServices = `name: shop
services:
  caddy:
    image: caddy:2.8
    ports: ["443:443"]
    networks: [ingress]
  api:
    image: example/api:1
    networks: [ingress, data]
  db:
    image: postgres:16
    networks: [data]
networks:
  ingress: {}
  data: { internal: true }
`;

/** The system that a Compose file's text describes. */
export function systemOf(text: string): System {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-report-"));
  try {
    writeFileSync(join(folder, "compose.yaml"), text);
    const project = loadComposeProject(new ConfinedFiles(folder), ["compose.yaml"]);
    if (project instanceof Error) throw project;
    return readComposeProject(project);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const source = new Source("compose.yaml", threeServices);

/** A finding on `shop`'s database, at line 9 and column 3, with what is given put over it. */
export function finding(over: Partial<Finding> = {}): Finding {
  return {
    control: "network.datastore-unpublished",
    ring: "network",
    title: "Datastores publish no port",
    severity: "high",
    severityWhy: "High by itself.",
    verdict: "fail",
    lens: "written",
    subject: { kind: "workload", system: "shop", name: "db" },
    message: "port 5432 is published on every address",
    remedy: "Remove the port from `ports:`.",
    path: [
      { from: "outside", to: "caddy", by: "port 443 is published on every address", port: 443 },
      { from: "caddy", to: "db", by: "both are on the network data" },
    ],
    place: placeAt(source, threeServices.indexOf("api:"), threeServices.indexOf("api:") + 4),
    fingerprint: "0123456789abcdef",
    fixable: false,
    ...over,
  };
}

export function control(id: string, ring: Ring, over: Partial<ControlDescription> = {}): ControlDescription {
  return {
    id,
    ring,
    severity: "high",
    title: `Title of ${id}`,
    claim: `Claim of ${id}.`,
    threat: `Threat of ${id}.`,
    remedy: `Remedy of ${id}.`,
    judged: `How ${id} is judged.`,
    frameworks: { cisDocker: ["5.8"], nistCsf: ["PR.AA-05"] },
    ...over,
  };
}

/** An input with the findings given; those that failed at high or above and are not waived count. */
export function reportInput(findings: readonly Finding[], over: Partial<ReportInput> = {}): ReportInput {
  const ids = new Map(findings.map((each) => [each.control, each.ring] as const));
  const systems = over.systems ?? [systemOf(threeServices)];
  return {
    version: "1.2.3",
    root: "~/shop",
    at: new Date("2026-03-04T05:06:07.000Z"),
    durations: { totalMs: 1234.4 },
    files: 1,
    systems,
    systemCount: systems.length,
    serviceCount: systems.reduce((sum, system) => sum + system.all("workload").length, 0),
    clusterWorkloads: 0,
    severalSystems: systems.length > 1,
    subjects: 12,
    controls: [...[...ids].map(([id, ring]) => control(id, ring)), control("data.volume-named", "data")],
    tallies: new Map([
      ["network.datastore-unpublished", { passed: 2, failed: 1, unknown: 0, notApplicable: 3, waived: 0 }],
      ["data.volume-named", { passed: 3, failed: 0, unknown: 0, notApplicable: 0, waived: 0 }],
    ]),
    findings,
    counting: new Set(
      findings.filter(
        ({ waiver, verdict, severity }) =>
          waiver === undefined && verdict === "fail" && (severity === "high" || severity === "critical"),
      ),
    ),
    failOn: "high",
    profile: "homelab",
    broken: [],
    unchecked: [],
    ...over,
  };
}

/** What an attacker would call a service: a screen cleared, a line ended, markup, a mention, a workflow command. */
export const hostileName =
  "\u001b[2J\u202e<script>alert(1)</script>\"'>|`x`](https://evil.example) @admin #1\n::error file=a::b ]]>{0}";

/** A finding whose every text is hostile. */
export function hostileFinding(): Finding {
  const path = `${hostileName}.yaml`;
  return finding({
    control: "network.datastore-unpublished",
    title: hostileName,
    message: hostileName,
    remedy: hostileName,
    severityWhy: hostileName,
    subject: { kind: "workload", system: hostileName, name: hostileName },
    path: [{ from: hostileName, to: hostileName, by: hostileName }],
    place: placeAt(new Source(path, "services:\n"), 0),
  });
}
