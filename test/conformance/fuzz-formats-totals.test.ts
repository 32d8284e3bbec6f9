import { expect, test } from "vitest";
import { type FormatRun, withRun } from "../prove/fuzz-formats-totals.ts";

const run: FormatRun = {
  minutes: 4,
  cases: 1_000,
  judged: 900,
  comparisons: 500,
  slowestMs: 80,
  failures: [],
  commit: "aaaaaaa",
  day: "2026-11-22",
};

test("runs over a format add up, from the first on", () => {
  const once = withRun(undefined, run);
  expect(withRun(once, { ...run, slowestMs: 20, commit: "bbbbbbb", day: "2026-11-23" })).toEqual({
    runs: 2,
    minutes: 8,
    cases: 2_000,
    judged: 1_800,
    comparisons: 1_000,
    slowestMs: 80,
    since: "aaaaaaa",
    day: "2026-11-22",
  });
});

test("of a run that found a fault nothing counts, nor of those before it", () => {
  const failure = { seed: 1, oracle: "threw", detail: "it did", path: "a.yaml", text: "a: 1" } as const;
  const faulty = withRun(withRun(undefined, run), { ...run, failures: [failure] });
  expect(faulty).toBeUndefined();
  expect(withRun(faulty, { ...run, commit: "bbbbbbb" })).toMatchObject({ runs: 1, minutes: 4, since: "bbbbbbb" });
});
