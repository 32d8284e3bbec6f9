import type { Judgement, VerdictKind } from "../contracts/verdict.ts";

/** Verdicts counted once for each control and subject, by the worst judgement. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly waived: number;
}

export type MutableTally = { -readonly [K in keyof Tally]: Tally[K] };

const worstFirst: readonly VerdictKind[] = ["fail", "unknown", "pass", "not-applicable"];

/** The verdict of several judgements taken together; unknown of none. */
export function worstVerdict(judgements: readonly Judgement[]): VerdictKind {
  let worst = worstFirst.length;
  for (const { verdict } of judgements) worst = Math.min(worst, worstFirst.indexOf(verdict));
  return worstFirst[worst] ?? "unknown";
}

export function isEmptyTally({ passed, notApplicable, failed, unknown, waived }: Tally): boolean {
  return passed + notApplicable + failed + unknown + waived === 0;
}

export function emptyTally(): MutableTally {
  return { passed: 0, failed: 0, unknown: 0, notApplicable: 0, waived: 0 };
}

export function sumOfTallies(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.unknown += tally.unknown;
    sum.notApplicable += tally.notApplicable;
    sum.waived += tally.waived;
  }
  return sum;
}

export function counterOf(verdict: VerdictKind, waived: boolean): keyof Tally {
  if (verdict === "pass") return "passed";
  if (verdict === "not-applicable") return "notApplicable";
  if (waived) return "waived";
  return verdict === "fail" ? "failed" : "unknown";
}
