// covers: G2 P6 | compose
import { describe, expect, test } from "vitest";
import { unknown } from "../facts/fact.ts";
import { type EvaluationOptions, evaluate, findingsThatCount } from "./evaluate.ts";
import { allControls } from "./registry.ts";
import { here, service, system } from "./testing/build.ts";

const why = "the file that it extends could not be read";

/** A service of which nearly nothing can be told, and one that can. */
function systemOf() {
  const [workload, container, image] = service("broken", "written", "x:1");
  const hidden = (from: object) =>
    Object.fromEntries(
      Object.entries(from).map(([name, value]) =>
        typeof value === "object" && value !== null && "kind" in value && "place" in value && name !== "ref"
          ? [name, unknown(why, here)]
          : [name, value],
      ),
    );
  const whole = service("whole", "written", "y:1");
  return system("written", workload, { ...container, ...hidden(container) } as typeof container, image, ...whole);
}

const options: EvaluationOptions = { today: new Date("2026-03-01"), profile: "homelab", ownStack: false };
const judge = (more: Partial<EvaluationOptions> = {}) => evaluate([systemOf()], allControls, { ...options, ...more });

describe("what cannot be told of one service for one reason", () => {
  test("is one finding that names the reason, and tells the controls with it", () => {
    const { findings } = judge();
    const unknowns = findings.filter(({ verdict }) => verdict === "unknown");
    expect(unknowns).toHaveLength(1);
    const [cause] = unknowns;
    expect(cause).toMatchObject({ control: "governance.service-resolved", severity: "medium", fixable: false });
    expect(cause?.subject.name).toBe("broken");
    expect(cause?.message).toBe(`${cause?.includes?.length} checks cannot be told: ${why}`);
    expect(cause?.includes?.map(({ control }) => control)).toContain("workload.privileged-off");
    expect(
      findings.some(({ control, subject }) => control === "workload.user-unprivileged" && subject.name === "whole"),
    ).toBe(true);
  });

  test("is still counted control by control", () => {
    const { counts, tallies } = judge();
    expect(counts.unknown).toBeGreaterThan(10);
    expect(tallies.get("workload.privileged-off")).toMatchObject({ unknown: 1 });
    expect(tallies.get("governance.service-resolved")).toBeUndefined();
  });

  test("counts for the exit code where unknowns do, and is waived by its own name", () => {
    const counting = (profile: "homelab" | "strict") =>
      findingsThatCount(judge({ profile }), "medium", { profile, ownStack: false }).map(({ control }) => control);
    expect(counting("homelab")).not.toContain("governance.service-resolved");
    expect(counting("strict")).toContain("governance.service-resolved");
    const exception = {
      control: "governance.service-resolved",
      subject: "broken",
      reason: "vendored",
      owner: "ops",
      until: undefined,
      place: here,
    };
    expect(
      judge({ exceptions: [exception] }).findings.find(({ verdict }) => verdict === "unknown")?.waiver?.reason,
    ).toBe("vendored");
  });

  test("stays apart where a control was waived, and where fewer than three share the reason", () => {
    const exception = {
      control: "workload.privileged-off",
      subject: "broken",
      reason: "known",
      owner: "ops",
      until: undefined,
      place: here,
    };
    const { findings } = judge({ exceptions: [exception] });
    expect(findings.find(({ control }) => control === "workload.privileged-off")?.waiver?.reason).toBe("known");
    const two = allControls.filter(({ id }) => ["workload.privileged-off", "workload.memory-limited"].includes(id));
    expect(evaluate([systemOf()], two, options).findings.map(({ control }) => control)).not.toContain(
      "governance.service-resolved",
    );
  });
});
