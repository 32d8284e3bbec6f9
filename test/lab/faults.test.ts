import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allControls } from "../../src/controls/registry.ts";
import { guarantees } from "../../src/platforms/compose/guarantees.ts";
import { edgeFaults } from "./faults/edge-faults.ts";
import { type Fault, findingName, matches } from "./faults/fault.ts";
import { networkFaults } from "./faults/network-faults.ts";
import { secretFaults } from "./faults/secret-faults.ts";
import { workloadFaults } from "./faults/workload-faults.ts";
import { labEngine, labTitle } from "./support/engine.ts";
import { RunningQuickstart } from "./support/running-quickstart.ts";

// covers: N1 N2 N5 N6 N10 S1 S2 S9 W1 W2 W3 W4 W5 W6 W8 A1 A2 A3 H1 H2 | compose | real: Docker engine, lab images

const faults: readonly Fault[] = [...edgeFaults, ...networkFaults, ...workloadFaults, ...secretFaults];
const engine = await labEngine();

describe("the table of faults", () => {
  it("has at least one fault for every guarantee, and none for what is no guarantee", () => {
    const broken = new Set(faults.flatMap((fault) => fault.breaks));
    expect([...broken].sort()).toEqual(guarantees.map(({ id }) => id).sort());
  });

  it("names a control of the guarantee for each, among controls that exist", () => {
    const known = new Set(allControls.map(({ id }) => id));
    for (const guarantee of guarantees) {
      for (const control of guarantee.controls) expect(known, `${guarantee.id} rests on ${control}`).toContain(control);
      const catching = faults
        .filter((fault) => fault.breaks.includes(guarantee.id))
        .flatMap((fault) => fault.named.map((expected) => String(expected).replaceAll("\\", "")))
        .filter((expected) => guarantee.controls.some((control) => expected.includes(`${control} `)));
      expect(catching.length, `no fault of ${guarantee.id} is caught by one of its controls`).toBeGreaterThan(0);
    }
  });
});

describe.skipIf("missing" in engine)(labTitle("the quickstart with one fault at a time", engine), () => {
  let stack: RunningQuickstart;
  let untouched: ReadonlySet<string>;

  beforeAll(async () => {
    if ("missing" in engine) return;
    stack = await RunningQuickstart.start(engine.client);
    untouched = new Set((await stack.findings()).map(findingName));
  }, 240_000);

  afterAll(async () => {
    await stack?.stop();
  });

  it("prints every guarantee of the table, so that each fault makes a printed sentence false", () => {
    for (const guarantee of guarantees)
      expect(guarantee.statements(stack.deployment.stack), guarantee.id).not.toEqual([]);
  });

  it("has no finding before any fault that its declaration does not have", () => {
    const declared = new Set(stack.judge(stack.declared).findings.map(findingName));
    const cgroupOne = stack.deployment.engine.cgroup === "1";
    const beyond = [...untouched].filter(
      (name) => !declared.has(name) && !(cgroupOne && name.startsWith("workload.cgroup-own ")),
    );
    expect(beyond).toEqual([]);
  });

  it.each(faults.map((fault) => [fault.title, fault] as const))("is caught: %s", async (_, fault) => {
    let found: readonly { readonly name: string; readonly verdict: string; readonly message: string }[] = [];
    try {
      await fault.put(stack);
      found = (await stack.findings())
        .map((finding) => ({ name: findingName(finding), verdict: finding.verdict, message: finding.message }))
        .filter(({ name }) => !untouched.has(name));
    } finally {
      await fault.take(stack);
    }
    for (const expected of fault.named) {
      const caught = found.some(({ name, verdict }) => verdict === "fail" && matches(expected, name));
      expect(caught, `${String(expected)} is not among ${JSON.stringify(found, null, 1)}`).toBe(true);
    }
    const unrelated = found.filter(
      ({ name }) => ![...fault.named, ...(fault.follows ?? [])].some((expected) => matches(expected, name)),
    );
    expect(unrelated).toEqual([]);
  });

  it("is as it was, when every fault is taken away again", async () => {
    const after = new Set((await stack.findings()).map(findingName));
    expect([...after].sort()).toEqual([...untouched].sort());
  });
});
