import type { Software } from "../facts/configuration/configuration.ts";
import type { AnySubject, PlatformName, SubjectKind } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ControlFix } from "./fix.ts";
import type { Judgement, Ring, Severity } from "./verdict.ts";

/** References into the frameworks that a control answers; each list holds the framework's own numbers. */
export interface FrameworkReferences {
  /** CIS Docker Benchmark, as numbered from v1.6.0 on, sections 2, 4 and 5. */
  readonly cisDocker?: readonly string[];
  /** OWASP Docker Top 10, `D01` to `D10`. */
  readonly owaspDocker?: readonly string[];
  /** CIS Kubernetes Benchmark v1.10, section 5 and what of 1 to 4 a file can show. */
  readonly cisKubernetes?: readonly string[];
  /** Pod Security Standards: the check's level and name, such as `baseline/host-ports`. */
  readonly podSecurity?: readonly string[];
  /** NSA/CISA Kubernetes Hardening Guide v1.2, by the slugs of `controls/frameworks/nsa-kubernetes.ts`. */
  readonly nsaKubernetes?: readonly string[];
  /** OWASP Kubernetes Top 10, `K01` to `K10`. */
  readonly owaspKubernetes?: readonly string[];
  /** Tenets of zero trust of NIST SP 800-207 section 2.1, `1` to `7`. */
  readonly zeroTrust?: readonly string[];
  /** NIST Cybersecurity Framework 2.0 subcategories, such as `PR.AA-05`. */
  readonly nistCsf?: readonly string[];
  /** Rows of docs/coverage.md. */
  readonly coverage?: readonly string[];
}

/**
 * Remedies by platform. `swarm`: what mends it in a stack, for `docker stack deploy` ignores some keys of Compose and refuses
 * others.
 */
export type Remedies = Partial<Record<PlatformName | "swarm", string>>;

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
  /** The remedy in the words of one platform, where the general one does not say it so. */
  readonly remedies?: Remedies;
  /** How it is judged: what passes, what fails, what stays unknown. */
  readonly judged: string;
  /** What it does not see; absent where nothing is known to be missing. */
  readonly limits?: string;
  readonly frameworks: FrameworkReferences;
}

/** One security requirement: what it claims, and a pure function from one kind of subject to judgements. */
export interface Control extends ControlDescription {
  readonly on: SubjectKind;
  /** Where it means something; its `check` says not applicable of a subject elsewhere. Absent: everywhere. */
  readonly platforms?: readonly PlatformName[];
  /**
   * Of a control of repository files: the programs whose configuration it judges; its `check` says not applicable of any
   * other file. Absent: every file.
   */
  readonly software?: readonly Software[];
  /** False when exposure does not change how much it matters (a secret in Git is as bad inside as outside). */
  readonly exposureMatters: boolean;
  /** How `check --fix` mends it; absent where that takes a person's choice. */
  readonly fix?: ControlFix;
  /**
   * Controls whose findings on the same workload are parts of what this one tells, and are told with it. `carries`: it
   * hangs on them (of severity high or above); where all of these are waived, so is the chain.
   */
  readonly folds?: readonly { readonly control: string; readonly carries?: true }[];
  /** One judgement, or several that can be told apart; never an empty list. The subject is of the kind `on`. */
  check(subject: AnySubject, system: System): Judgement | readonly Judgement[];
}
