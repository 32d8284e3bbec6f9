import { describe, expect, test } from "vitest";
import { reportInput } from "../../test/support/report-input.ts";
import { frameworks } from "../controls/frameworks/framework.ts";
import { noTally, type Tally } from "../controls/tally.ts";
import { threats } from "../controls/threats.ts";
import { requirementOf } from "./control-state.ts";
import {
  countsOf,
  frameworkList,
  requirementsJson,
  requirementsMarkdown,
  requirementsText,
  threatList,
} from "./requirements.ts";
import { plainStyle } from "./style.ts";

const tally = (counts: Partial<Tally>): Tally => ({ ...noTally, ...counts });
const ofCompose = (counts: Partial<Tally>) => tally({ ...counts, platforms: new Map([["compose", tally(counts)]]) });

// covers: G4 | all
describe("a requirement", () => {
  const state = (...tallies: readonly Partial<Tally>[]) => {
    const known = new Map(tallies.map((each, index) => [`c${index}`, tally(each)] as const));
    return requirementOf([...known.keys()], known).state;
  };

  test("has failed as soon as one control failed, and has not passed while anything cannot be told", () => {
    expect(state({ passed: 9 }, { failed: 1, passed: 3 })).toBe("failed");
    expect(state({ passed: 9 }, { unknown: 1 })).toBe("unknown");
    expect(state({ passed: 9 }, { waived: 1 })).toBe("accepted");
    expect(state({ passed: 9 }, { notApplicable: 1 })).toBe("passed");
  });

  test("is not passed where nothing was judged, or nothing judges", () => {
    expect(state({ notApplicable: 4 })).toBe("not-judged");
    expect(state({})).toBe("not-judged");
    expect(state()).toBe("not-checkable");
  });
});

describe("the report of a framework", () => {
  const framework = frameworks.find(({ name }) => name === "cis-docker");
  if (framework === undefined) throw new Error("There is no cis-docker.");
  const input = reportInput([], {
    tallies: new Map([
      ["workload.privileged-off", ofCompose({ failed: 2, passed: 5 })],
      ["workload.memory-limited", ofCompose({ passed: 7 })],
    ]),
  });
  const list = frameworkList(framework, input);
  const row = (id: string) => list.rows.find((each) => each.id === id);

  test("says of every item whether it passed, failed, or why no machine can tell", () => {
    expect(list.rows).toHaveLength(framework.items.length);
    expect(row("5.5")).toMatchObject({ state: "failed", controls: ["workload.privileged-off"] });
    expect(row("5.11")?.state).toBe("passed");
    for (const { state, open } of list.rows) if (state === "not-checkable") expect(open).toMatch(/\.$/);
  });

  test("keeps within a narrow terminal, with room for its text", () => {
    for (const each of [list, threatList(threats, input)]) {
      const lines = requirementsText(each, plainStyle, 60).trimEnd().split("\n");
      expect(lines.filter((line) => line.length > 60)).toEqual([]);
      expect(lines.filter((line) => /^ {5}/.test(line))).toEqual([]);
    }
  });

  test("says the same in every form", () => {
    const text = requirementsText(list, plainStyle, 100);
    expect(text).toContain("2 fail, 5 hold: workload.privileged-off");
    expect(text.trimEnd().endsWith(`${countsOf(list)}.`)).toBe(true);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(140);
    expect(requirementsMarkdown(list)).toContain("| `5.5` |");
    const data = JSON.parse(requirementsJson(list, input));
    expect(data.items.find((item: { id: string }) => item.id === "5.5")).toMatchObject({ state: "failed", failed: 2 });
  });
});

// covers: G1 | all
test("The threat model tells of each threat whether its answer holds now", () => {
  const input = reportInput([], { tallies: new Map([["workload.privileged-off", tally({ failed: 1 })]]) });
  const rows = threatList(threats, input).rows;
  expect(rows.find(({ id }) => id === "container-escape")?.state).toBe("failed");
  expect(rows.find(({ id }) => id === "eavesdropping")?.state).toBe("not-judged");
});
