import { describe, expect, it } from "vitest";
import type { PlannedChange } from "../contracts/platform.ts";
import type { DeploymentPlan } from "../operations/deploy/plan.ts";
import { plainStyle } from "../report/style.ts";
import { planText } from "./plan-text.ts";

const change = (given: Partial<PlannedChange>): PlannedChange => ({
  kind: "service",
  name: "web",
  action: "keep",
  because: [],
  needsRoot: false,
  ...given,
});
const empty: DeploymentPlan = { changes: [], guarantees: [], gaps: [], todos: [], obstacles: [], remarks: [] };

describe("planText", () => {
  it("says that nothing changes where nothing does", () => {
    expect(planText({ ...empty, changes: [change({})] }, plainStyle, 80)).toContain("Nothing changes");
  });

  it("names what changes, how and why, what stays, and what is in the way", () => {
    const text = planText(
      {
        ...empty,
        changes: [
          change({ action: "recreate", because: ["image changed from a to b"] }),
          change({ kind: "volume", name: "data", action: "create", because: ["owned by 1:1"], needsRoot: true }),
          change({ kind: "volume", name: "old" }),
        ],
        gaps: [{ id: "x", statement: "Something stays open." }],
        obstacles: ["A name is taken."],
        todos: ["Set `domain`."],
      },
      plainStyle,
      100,
    );
    expect(text).toContain("± service  web   made anew: image changed from a to b");
    expect(text).toContain("+ volume   data  owned by 1:1 (root)");
    expect(text).toContain("= 1 thing as before, the volume old among them");
    for (const part of ["! Something stays open.", "✗ A name is taken.", "· Set `domain`."])
      expect(text).toContain(part);
  });

  it("keeps to the width, and puts the reason of a long name below it", () => {
    const name = "config/prometheus/etc/prometheus/prometheus.yml";
    const because = ["a rather long reason ".repeat(6).trim()];
    const text = planText({ ...empty, changes: [change({ name, action: "change", because })] }, plainStyle, 72);
    expect(text).toContain(`~ service  ${name}\n`);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(72);
  });

  it("shows no terminal escape that a name brings", () => {
    const text = planText({ ...empty, changes: [change({ name: "a\u001b[2Jb", action: "remove" })] }, plainStyle, 80);
    expect(text).not.toContain("\u001b");
  });
});
