import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProbeOutcome } from "../../src/operations/probes/probe-stack.ts";
import { compareReach } from "../../src/report/reach-comparison.ts";
import { labEngine, labTitle } from "./support/engine.ts";
import { RunningQuickstart } from "./support/running-quickstart.ts";

// covers: N1 N2 N10 N11 S9 W1 W3 W4 W5 A1 A2 A3 H1 | compose | real: Docker engine, lab images

const engine = await labEngine();

describe.skipIf("missing" in engine)(labTitle("a probe of the quickstart", engine), () => {
  let stack: RunningQuickstart;
  let outcome: ProbeOutcome;
  let milliseconds: number;

  beforeAll(async () => {
    if ("missing" in engine) return;
    stack = await RunningQuickstart.start(engine.client);
    const before = performance.now();
    outcome = await stack.probe();
    milliseconds = performance.now() - before;
  }, 240_000);

  afterAll(async () => {
    await stack?.stop();
  });

  it("takes under 15 seconds", () => {
    expect(milliseconds).toBeLessThan(15_000);
  });

  it("leaves nothing that it could not see, and nothing that it made", () => {
    expect(outcome.measurement.blind).toEqual([]);
    expect(spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout).not.toContain("ringwall-");
    expect(spawnSync("ip", ["-br", "link"], { encoding: "utf8" }).stdout).not.toMatch(/\brw[pwgi][0-9a-f]{6}\b/);
  });

  it("finds the two of every shared network, and nobody else, able to reach one another", () => {
    const { services, networks } = stack.deployment.stack;
    const measured = { system: outcome.system.name, ...outcome.measurement };
    const pairs = compareReach(measured, [stack.declared, outcome.system]);
    for (const from of services) {
      for (const to of services) {
        if (from === to) continue;
        const share = networks.some(({ members }) => members.includes(from.name) && members.includes(to.name));
        const pair = pairs.find((one) => one.from === from.name && one.to === to.name);
        expect(pair?.found, `${from.name} → ${to.name}: ${pair?.evidence}`).toBe(share ? "reached" : "blocked");
      }
    }
  });

  it("finds the declared connections open on the very port that is declared", () => {
    for (const { name, talksTo } of stack.deployment.stack.services) {
      for (const flow of talksTo) {
        const rule = outcome.system
          .all("policy-rule")
          .find(({ ref }) => ref.name === `${name} → ${flow.service}:${flow.port}/${flow.protocol}`);
        expect(rule?.action, `${name} → ${flow.service}:${flow.port}`).toMatchObject({
          kind: "stated",
          value: "allow",
        });
      }
    }
  });

  it("backs every blocked connection between services with somebody whom the same port answered", () => {
    const names = new Set(stack.deployment.stack.services.map(({ name }) => name));
    const blocked = outcome.measurement.attempts.filter(
      ({ from, to, what, outcome: result }) =>
        names.has(from) && names.has(to) && result === "blocked" && !what.startsWith("the name "),
    );
    expect(blocked.length).toBeGreaterThan(100);
    for (const { from, to, what, evidence } of blocked)
      expect(evidence, `${from} → ${to} ${what}`).toMatch(/while it answered \S+/);
  });

  it("finds that names are known to those who share a network, and to no other", () => {
    const asked = outcome.measurement.attempts.filter(({ what }) => what.startsWith("the name "));
    const { networks } = stack.deployment.stack;
    expect(asked.length).toBeGreaterThan(20);
    for (const { from, to, outcome: result, evidence } of asked) {
      const share = networks.some(({ members }) => members.includes(from) && members.includes(to));
      expect(result, `${from} asks for ${to}: ${evidence}`).toBe(share ? "answered" : "blocked");
    }
  });

  it("finds services of internal networks without a way to the host or outside", () => {
    const { services, networks } = stack.deployment.stack;
    for (const { name } of services) {
      const inside = networks.filter(({ members }) => members.includes(name)).every(({ internal }) => internal);
      const around = outcome.measurement.attempts.filter(({ from }) => from === name);
      const host = around.filter(({ to }) => to === "the host");
      const outside = around.filter(({ to }) => to === "outside");
      expect(host.length).toBeGreaterThan(0);
      expect(outside.length).toBeGreaterThan(0);
      expect(outside.map((one) => one.outcome)).not.toContain("open");
      if (inside) expect(host.map((one) => one.outcome)).not.toContain("open");
    }
  });

  it("measures every route as it is declared", () => {
    const declared = stack.declared.all("route");
    expect(outcome.system.all("route").length).toBe(declared.length);
    for (const route of declared) {
      const measured = outcome.system.get(route.ref);
      for (const field of ["audience", "redirectsToTls", "rateLimit", "loginRateLimit"] as const) {
        expect(measured?.[field].kind, `${field} of ${route.ref.name}`).toBe("stated");
        if (measured?.[field].kind === "stated" && route[field].kind === "stated")
          expect(measured[field].value, `${field} of ${route.ref.name}`).toEqual(route[field].value);
      }
    }
  });

  it("finds no value of a secret anywhere, having looked everywhere", () => {
    const references = outcome.system.all("secret-reference").filter(({ exposedIn }) => exposedIn !== undefined);
    expect(references.length).toBeGreaterThan(4);
    for (const { ref, exposedIn } of references)
      expect(exposedIn, ref.name).toMatchObject({ items: [], complete: true });
  });

  it("holds no value of a secret in what it brings back", () => {
    const text = JSON.stringify([outcome.measurement, outcome.drift, outcome.system.subjects]);
    for (const [name, secret] of stack.deployment.values) expect(secret.occursIn(text), name).toBe(false);
  });

  it("fails nothing that the declaration does not openly leave", () => {
    const declared = new Set(
      stack.judge(stack.declared).findings.map(({ control, subject }) => control + subject.name),
    );
    const found = stack
      .judge(outcome.system)
      .findings.filter(({ control, subject, waiver }) => waiver === undefined && !declared.has(control + subject.name));
    // An engine with version 1 of control groups shows containers the host's, unless it is told not to.
    const cgroupOne = stack.deployment.engine.cgroup === "1" ? "workload.cgroup-own" : "";
    expect(found.filter(({ control }) => control !== cgroupOne).map(({ message }) => message)).toEqual([]);
  });

  it("tells a container that was changed by hand from what is declared", async () => {
    expect(outcome.drift.filter(({ subject }) => subject.includes("alertmanager"))).toEqual([]);
    stack.docker("update", "--memory", "128m", "--memory-swap", "128m", stack.container("alertmanager"));
    const { drift } = await stack.probe();
    expect(drift).toContainEqual({
      subject: "container alertmanager",
      what: `memory limit is ${128 * 1024 ** 2}, declared ${256 * 1024 ** 2}`,
    });
  });

  it("runs its helper from a path, as the published package does", () => {
    const program = fileURLToPath(new URL("../../src/operations/probes/agent-main.ts", import.meta.url));
    const job = { kind: "connect", attempts: [], timeoutMs: 100, token: "x", concurrency: 1 };
    const result = spawnSync(process.execPath, [program], {
      input: `${JSON.stringify({ number: 7, job })}\n`,
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin" },
    });
    expect(result.stdout).toBe('{"number":7,"done":true}\n');
  });
});
