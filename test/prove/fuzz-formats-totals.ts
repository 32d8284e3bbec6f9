import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { FormatResult } from "./fuzz-formats.ts";

/**
 * What several runs over one format make together: half an hour for each of some thirty formats is more than one sitting
 * has. After a run that found a fault the count begins anew with the next one: no minute before its mending proves anything.
 */
export interface FormatTotal {
  readonly runs: number;
  /** Of processor time. */
  readonly minutes: number;
  readonly cases: number;
  readonly judged: number;
  readonly comparisons: number;
  readonly slowestMs: number;
  /** The commit and the day (ISO 8601) of the first of these runs. */
  readonly since: string;
  readonly day: string;
}

/** By the format's slug. */
export type FormatTotals = Readonly<Record<string, FormatTotal>>;

/** What was written by `writeTotals`; nothing where there is no file yet. */
export function readTotals(path: string): FormatTotals {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
}

export function writeTotals(path: string, totals: FormatTotals): void {
  writeFileSync(path, `${JSON.stringify(totals, undefined, 2)}\n`);
}

export interface FormatRun extends FormatResult {
  readonly minutes: number;
  readonly commit: string;
  readonly day: string;
}

/** The total with one more run in it; nothing is left of it where that run found a fault. */
export function withRun(earlier: FormatTotal | undefined, run: FormatRun): FormatTotal | undefined {
  if (run.failures.length > 0) return undefined;
  return {
    runs: (earlier?.runs ?? 0) + 1,
    minutes: (earlier?.minutes ?? 0) + run.minutes,
    cases: (earlier?.cases ?? 0) + run.cases,
    judged: (earlier?.judged ?? 0) + run.judged,
    comparisons: (earlier?.comparisons ?? 0) + run.comparisons,
    slowestMs: Math.max(earlier?.slowestMs ?? 0, run.slowestMs),
    since: earlier?.since ?? run.commit,
    day: earlier?.day ?? run.day,
  };
}
