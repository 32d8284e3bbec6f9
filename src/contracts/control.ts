import type { AnySubject, SubjectKind } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { Judgement, Ring, Severity } from "./verdict.ts";

/** References into the frameworks that a control answers; each list holds the framework's own numbers. */
export interface FrameworkReferences {
  /** CIS Docker Benchmark, as numbered from v1.6.0 on, sections 4 and 5. */
  readonly cisDocker?: readonly string[];
  /** OWASP Docker Top 10, `D01` to `D10`. */
  readonly owaspDocker?: readonly string[];
  /** NIST Cybersecurity Framework 2.0 subcategories, such as `PR.AA-05`. */
  readonly nistCsf?: readonly string[];
  /** Rows of docs/coverage.md. */
  readonly coverage?: readonly string[];
}

/** What is told of a control: `controls`, `explain`, the documentation pages and reports read nothing else. */
export interface ControlDescription {
  /** `ring.subject-state`; never renamed. */
  readonly id: string;
  readonly ring: Ring;
  /** Before exposure is taken into account. */
  readonly severity: Severity;
  readonly title: string;
  /** The sentence that holds when it passes; `ringwall docs` prints it. */
  readonly claim: string;
  /** What an attacker gains where it does not hold: one or two sentences. */
  readonly threat: string;
  readonly remedy: string;
  /** How it is judged: what passes, what fails, what stays unknown. */
  readonly judged: string;
  /** What it does not see; absent where nothing is known to be missing. */
  readonly limits?: string;
  readonly frameworks: FrameworkReferences;
}

/** One security requirement: what it claims, and a pure function from one kind of subject to judgements. */
export interface Control extends ControlDescription {
  readonly on: SubjectKind;
  /** False when exposure does not change how much it matters (a secret in Git is as bad inside as outside). */
  readonly exposureMatters: boolean;
  /** True when `check --fix` can mend it without a person's choice. */
  readonly fixable: boolean;
  /** One judgement, or several that can be told apart; never an empty list. The subject is of the kind `on`. */
  check(subject: AnySubject, system: System): Judgement | readonly Judgement[];
}
