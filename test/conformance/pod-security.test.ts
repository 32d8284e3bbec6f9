import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labProgram } from "../../src/components/testing/stack.ts";
import { askPlugin, judge, pods } from "./pod-security.ts";

const plugin = labProgram("pod-security", process.env);

// covers: W7 | kubernetes | real: the Pod Security admission of Kubernetes 1.37
describe.skipIf(plugin === undefined)("Pods are judged as the API server's own admission judges them", () => {
  test("check by check, at both levels, in 5,000 pods of every shape", () => {
    const drawn = fc.sample(pods, { numRuns: 5_000, seed: 37 });
    const said = askPlugin(plugin ?? "", drawn);
    const differing = drawn.flatMap((pod, index) => {
      const ours = judge(pod);
      return JSON.stringify(ours) === JSON.stringify(said[index]) ? [] : [{ pod, ours, theirs: said[index] }];
    });
    expect(differing.slice(0, 3)).toEqual([]);
    // Neither side may have refused all, or none.
    for (const level of ["baseline", "restricted"] as const) {
      const admitted = said.filter((refusals) => refusals[level].length === 0).length;
      expect(admitted, level).toBeGreaterThan(20);
      expect(admitted, level).toBeLessThan(4_000);
    }
  });
});
