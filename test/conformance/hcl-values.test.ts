import { describe, expect, test } from "vitest";
import { labProgram } from "../../src/components/testing/stack.ts";
import { expressions } from "./hcl-values.cases.ts";
import { evaluateBoth, evaluateProject } from "./hcl-values.ts";

// covers: P1 | incus | real: OpenTofu 1.12

const tofu = labProgram("tofu", process.env);

describe.skipIf(tofu === undefined)("Expressions come to what OpenTofu makes of them", () => {
  test("each of the written ones", () => {
    const differing = evaluateBoth(tofu ?? "", expressions).filter(
      ({ real, ours }) => JSON.stringify(sorted(real ?? null)) !== JSON.stringify(sorted(ours ?? null)),
    );
    expect(differing).toEqual([]);
  });

  test("modules, count, for_each and overrides make the same resources, and so does what it prints of them", () => {
    const { real, ours, plan, state } = evaluateProject(tofu ?? "");
    expect(sorted(ours)).toEqual(sorted(real));
    expect(sorted(plan)).toEqual(sorted(real));
    expect(sorted(state)).toEqual(sorted(real));
    expect(Object.keys(real).length).toBeGreaterThan(8);
  });
});

/** The value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
