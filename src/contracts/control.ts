import type { SubjectKind, SubjectOf } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { Judgement, Ring, Severity } from "./verdict.ts";

/** References into the frameworks that a control answers; each list holds the framework's own numbers. */
export interface FrameworkReferences {
  /** CIS Docker Benchmark v1.6.0 and later, sections 4 and 5. */
  readonly cisDocker?: readonly string[];
  /** OWASP Docker Top 10, `D01` to `D10`. */
  readonly owaspDocker?: readonly string[];
  /** NIST Cybersecurity Framework 2.0 subcategories, such as `PR.AA-05`. */
  readonly nistCsf?: readonly string[];
  /** Rows of docs/coverage.md. */
  readonly coverage?: readonly string[];
}

/** One security requirement: what it claims, and a pure function from one kind of subject to judgements. */
export interface Control<K extends SubjectKind = SubjectKind> {
  /** `ring.subject-state`; never renamed. */
  readonly id: string;
  readonly ring: Ring;
  readonly on: K;
  /** Before exposure is taken into account. */
  readonly severity: Severity;
  readonly title: string;
  /** The sentence that holds when it passes; `ringwall docs` prints it. */
  readonly claim: string;
  /** What an attacker gains where it does not hold: one or two sentences. */
  readonly threat: string;
  readonly remedy: string;
  readonly frameworks: FrameworkReferences;
  /** False when exposure does not change how much it matters (a secret in Git is as bad inside as outside). */
  readonly exposureMatters: boolean;
  check(subject: SubjectOf<K>, system: System): Judgement | readonly Judgement[];
}
