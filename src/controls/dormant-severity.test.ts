/** What a plain start leaves out: it is told, it says so, and weighs a step less than what runs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../contracts/verdict.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

const today = new Date("2027-01-01T00:00:00Z");

/** The findings of a folder with these files. */
function findingsOf(files: Readonly<Record<string, string>>): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-dormant-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { systems } = readPaths([folder], { cwd: folder, now: today });
    return evaluate(systems, allControls, { profile: "homelab", today, ownStack: false }).findings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function of(findings: readonly Finding[], control: string, service: string): Finding | undefined {
  return findings
    .flatMap((finding) => [finding, ...(finding.includes ?? [])])
    .find(({ subject, control: id }) => id === control && subject.name.split(/[/:]/)[0] === service);
}

const chain = "workload.exposure-contained";
const socket = "volumes: ['/var/run/docker.sock:/var/run/docker.sock']";
const tool = (more: string) =>
  `  tool: { image: 'adminer:4.8.1', ports: ['8080:8080'], ${socket}${more === "" ? "" : `, ${more}`} }\n`;
const app = (more = "") => `services:\n  app: { image: 'ghcr.io/example/app:1.2'${more === "" ? "" : `, ${more}`} }\n`;

/** How bad the chain of `tool` is, and why. */
function chainOf(files: Readonly<Record<string, string>>): string | undefined {
  const found = of(findingsOf(files), chain, "tool");
  return found === undefined ? undefined : `${found.severity}: ${found.severityWhy}`;
}

const runs = "critical: Critical by itself.";
const asleep = (profiles: string) =>
  `high: Critical by itself, lowered because a plain \`docker compose up\` does not start it (${profiles}): high.`;

describe("a way from outside to the host through a service of a profile", () => {
  test("is told with its way and its parts, a step lower than one that runs", () => {
    const findings = findingsOf({ "compose.yaml": app() + tool("profiles: [debug]") });
    const found = of(findings, chain, "tool");
    expect(found?.severity).toBe("high");
    expect(found?.path.map(({ to, port }) => `${to}:${port}`)).toEqual(["tool:8080"]);
    expect(found?.includes?.map(({ control }) => control)).toContain("workload.engine-socket-unmounted");
  });

  test.each([
    ["no profile", "", {}, runs],
    ["an empty list of profiles", "profiles: []", {}, runs],
    ["one profile", "profiles: [debug]", {}, asleep("profile debug")],
    ["what is no name of a profile", "profiles: ['debug - PASSWORD=x']", {}, asleep("its profile")],
    ["two profiles", "profiles: [debug, tools]", {}, asleep("profiles debug, tools")],
    ["a profile that .env starts", "profiles: [debug]", { ".env": "COMPOSE_PROFILES=web, debug\n" }, runs],
    ["a profile where .env starts all", "profiles: [debug]", { ".env": "COMPOSE_PROFILES=*\n" }, runs],
    [
      "a profile where .env starts another",
      "profiles: [debug]",
      { ".env": "COMPOSE_PROFILES=web\n" },
      asleep("profile debug"),
    ],
    [
      "a profile where .env starts nobody knows which",
      "profiles: [debug]",
      { ".env": "COMPOSE_PROFILES=$WHICH\n" },
      runs,
    ],
    [
      "a profile that the example of .env starts",
      "profiles: [debug]",
      { ".env.example": "COMPOSE_PROFILES=debug\n" },
      runs,
    ],
    ["a profile of no name, which counts as started", "profiles: ['']", {}, runs],
    ["a profile that a variable names", "profiles: ['${WHICH}x']", {}, runs],
  ])("by %s", (_title, profiles, files, expected) => {
    expect(chainOf({ "compose.yaml": app() + tool(profiles), ...files })).toBe(expected);
  });

  test.each([
    ["needs it by `depends_on`", "depends_on: [tool]", runs],
    [
      "may do without it",
      "depends_on: { tool: { condition: service_started, required: false } }",
      asleep("profile debug"),
    ],
    ["stands in its network", "network_mode: 'service:tool'", runs],
    ["takes its volumes", "volumes_from: [tool]", runs],
  ])("where a service that always starts %s", (_title, more, expected) => {
    expect(chainOf({ "compose.yaml": app(more) + tool("profiles: [debug]") })).toBe(expected);
  });

  test("is no lower where one of the same profile needs it, unless that one starts", () => {
    const other = "  other: { image: 'ghcr.io/example/other:1.2', profiles: [debug], depends_on: [tool] }\n";
    expect(chainOf({ "compose.yaml": app() + tool("profiles: [debug]") + other })).toBe(asleep("profile debug"));
    const started = { ".env": "COMPOSE_PROFILES=web\n" };
    const needed = other.replace("debug", "web");
    expect(chainOf({ "compose.yaml": app() + tool("profiles: [debug]") + needed, ...started })).toBe(runs);
  });

  test("is no lower where every service has a profile: whoever starts it chooses one", () => {
    expect(chainOf({ "compose.yaml": app("profiles: [web]") + tool("profiles: [debug]") })).toBe(runs);
  });

  test.each(["scale: 0", "deploy: { replicas: 0 }"])("by %s", (more) => {
    expect(chainOf({ "compose.yaml": app() + tool(more) })).toContain("lowered because it has no replicas: high");
  });
});

describe("beside a service of a profile", () => {
  const database = "  db: { image: 'postgres:16.4', environment: { POSTGRES_PASSWORD: postgres } }\n";

  test("a fault weighs as much as behind nothing that is published, unless something that runs leads there too", () => {
    const alone = of(
      findingsOf({ "compose.yaml": app() + database + tool("profiles: [debug]") }),
      "secrets.value-strong",
      "db",
    );
    expect(alone?.severity).toBe("medium");
    expect(alone?.severityWhy).toContain("tool leads to it, which a plain `docker compose up` does not start");
    const both = of(
      findingsOf({ "compose.yaml": app("ports: ['443:8443']") + database + tool("profiles: [debug]") }),
      "secrets.value-strong",
      "db",
    );
    expect(both?.severity).toBe("high");
    expect(both?.path[0]?.to).toBe("app");
  });

  test("a secret that lies in the file lies there whether the service runs or not", () => {
    const secret = "environment: { API_TOKEN: 'h7Kq2vXw9LmZ4rTbQx83' }";
    const found = (more: string) =>
      of(findingsOf({ "compose.yaml": app() + tool(`${secret}${more}`) }), "secrets.literal-absent", "tool")?.severity;
    expect(found(", profiles: [debug]")).toBe(found(""));
  });

  test("what is low stays low", () => {
    const found = of(
      findingsOf({ "compose.yaml": app() + tool("profiles: [debug]") }),
      "workload.memory-limited",
      "tool",
    );
    expect(found?.severity).toBe("low");
  });
});
