import type { AnySubject } from "../facts/subjects.ts";

/** One thing that was tried on the running system, and what came back. Holds no secret value. */
export interface Attempt {
  readonly from: string;
  readonly to: string;
  /** `tcp 5432`, `GET https://…`, `read /proc/…/status`. */
  readonly what: string;
  readonly outcome: "open" | "blocked" | "refused" | "answered" | "error" | "inconclusive";
  /** What backs the outcome: for `blocked`, the neighbour that was answered by the same target in the same minute. */
  readonly evidence: string;
  readonly milliseconds: number;
}

/** What a probe brought back: facts under the lens `measured`, each resting on attempts. Judges nothing. */
export interface Measurement {
  /** Subjects that only a probe can see: policy rules, routes, listeners as they answered. */
  readonly subjects: readonly AnySubject[];
  /** Measured fields of subjects that the engine also tells of, by `refKey`; they replace what the engine said. */
  readonly overrides: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly attempts: readonly Attempt[];
  /** What could not be measured, and why, as sentences. */
  readonly blind: readonly string[];
}
