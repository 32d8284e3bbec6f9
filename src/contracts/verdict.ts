import type { Exposure } from "../facts/reach.ts";
import type { Lens, PlatformName, Ref } from "../facts/subjects.ts";
import type { Place } from "../lib/place.ts";
import type { FrameworkReferences } from "./control.ts";
import type { Edit } from "./fix.ts";

export type Severity = "info" | "low" | "medium" | "high" | "critical";

/** From least to worst; an index into it is a severity's rank. */
export const severities: readonly Severity[] = ["info", "low", "medium", "high", "critical"];

/** -1, 0 or 1 as `a` is less severe than, as, or more severe than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return Math.sign(severities.indexOf(a) - severities.indexOf(b));
}

export type Ring =
  | "edge"
  | "identity"
  | "network"
  | "workload"
  | "secrets"
  | "data"
  | "supply-chain"
  | "detection"
  | "response"
  | "governance";

/** From the outermost to the innermost, as reports list them. */
export const rings: readonly Ring[] = [
  "edge",
  "identity",
  "network",
  "workload",
  "secrets",
  "data",
  "supply-chain",
  "detection",
  "response",
  "governance",
];

export type VerdictKind = "pass" | "fail" | "unknown" | "not-applicable";

/**
 * Of frameworks whose items a control answers one by one: those that the subject fails, of which it cannot be told, or which
 * it says nothing of; the others that the control refers to hold. A framework that is not named is answered by the verdict
 * as a whole.
 */
export type ItemVerdicts = Partial<Record<keyof FrameworkReferences, ReadonlyMap<string, VerdictKind>>>;

/** What a control answers for one subject. Unknown is never counted as passed. */
export interface Judgement {
  readonly verdict: VerdictKind;
  /** A sentence about this subject: what was found. Holds no secret value. */
  readonly message: string;
  /** The fact that decided, when it is narrower than the subject. */
  readonly place?: Place;
  /** Tells several findings of one control on one subject apart in the fingerprint (a path, a name, a port). */
  readonly detail?: string;
  /** How bad this case is where it differs from the control's own severity (a whole host mounted, one file of it). */
  readonly severity?: Severity;
  /** The severity is the same wherever the workload stands: what it is about lies elsewhere (another service's password). */
  readonly settled?: true;
  /** The ports of the workload that it is about: other ways in make it no worse. Absent where they are not known. */
  readonly ports?: readonly number[];
  /** What mends this case, where it can be said more exactly than for the control as a whole. */
  readonly remedy?: string;
  /** Sets it apart from the control's other findings, before which it is told: another fault than theirs, with the same mending. */
  readonly apart?: string;
  /** Why it cannot be told, as a clause, for one that is unknown: what has the same cause is told once. */
  readonly because?: string;
  /** How items of frameworks stand by it, where they do not all stand as it does. */
  readonly items?: ItemVerdicts;
  /** The items of frameworks that it is about, where that is not all that the control refers to. */
  readonly about?: FrameworkReferences;
}

/** A judgement kept: what `state` stores and `docs` prints. */
export interface Verdict {
  readonly control: string;
  readonly subject: Ref;
  readonly lens: Lens;
  readonly verdict: VerdictKind;
  readonly evidence: readonly string[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Why a finding does not count now. */
export interface Waiver {
  readonly reason: string;
  readonly owner: string | undefined;
  /** ISO date; the last day on which the waiver holds. */
  readonly until: string | undefined;
  readonly place: Place;
}

/** One step of the way by which an attacker reaches the subject. */
export interface PathStep {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  /** The port of `to` that it leads to; absent when nothing narrows it. */
  readonly port?: number;
}

/** What `check --fix` would do about one finding. */
export interface Mending {
  readonly edits: readonly Edit[];
  /** Where the subject of the finding is declared: what is changed is to be its own. */
  readonly subject?: Place;
  readonly changesBehaviour: string | undefined;
  readonly onlyNamed: boolean;
}

/** A verdict that does not hold, with all that a person needs to judge and mend it. */
export interface Finding {
  readonly control: string;
  readonly ring: Ring;
  readonly title: string;
  readonly severity: Severity;
  /** How the severity came about: the control's own, and what raised or lowered it. */
  readonly severityWhy: string;
  readonly verdict: "fail" | "unknown";
  readonly lens: Lens;
  /** The platform of the subject, for how people there call it; absent where it has none. */
  readonly platform?: PlatformName;
  readonly subject: Ref;
  readonly message: string;
  readonly remedy: string;
  readonly path: readonly PathStep[];
  /** How exposed the workload is to which the subject belongs, or the port that it is about; absent where it belongs to none. */
  readonly exposure?: Exposure;
  readonly place: Place;
  /** What sets it apart from other findings of the control, before which it is told. */
  readonly apart?: string;
  /** Stable over moves within the file: made of control, subject and detail, not of lines. */
  readonly fingerprint: string;
  /** True where `check --fix` has a mending for it. */
  readonly fixable: boolean;
  /** That mending, where it was asked to be kept. */
  readonly fix?: Mending | undefined;
  readonly waiver?: Waiver | undefined;
  /** Findings that this one tells with it, as parts of one chain; they stand nowhere else. */
  readonly includes?: readonly Finding[];
}
