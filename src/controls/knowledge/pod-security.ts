/**
 * The Pod Security Standards, judged check by check on a pod's own facts.
 *
 * Source: kubernetes/pod-security-admission, `policy/check_*.go`, `registry.go` and `helpers.go` as of v1.37, the newest
 * version of each check. Where a check of *restricted* overrides one of *baseline*, only the stricter one is asked at
 * that level, as the admission plugin does it.
 */
import { oncePerSystem } from "../../facts/once.ts";
import type { Container, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import { baselineChecks } from "./pod-security-baseline.ts";
import { restrictedChecks } from "./pod-security-restricted.ts";

export type PodSecurityLevel = "baseline" | "restricted";

/** A pod with its containers, in the order of the subjects. */
export interface PodFacts {
  readonly workload: Workload;
  readonly containers: readonly Container[];
}

/** One thing that a level does not allow. */
export interface Violation {
  /** The check as a refusal of the API server names it: `hostNamespaces`, `capabilities`. */
  readonly check: string;
  /** Of a check that looks at several fields, the one: `hostPID`. */
  readonly field?: string;
  /** `the pod`, `container web`, `volume data`. */
  readonly where: string;
  /** A clause: `privileged is true`. */
  readonly what: string;
  readonly place: Place;
}

/** What of a check cannot be told, with the reason. */
export interface Doubt {
  readonly check: string;
  readonly why: string;
  readonly place: Place;
}

/** What one check finds: nothing where it holds. */
export type Found = { readonly violation: Violation } | { readonly doubt: Doubt };

export interface PodSecurityCheck {
  readonly name: string;
  /** Of a restricted check: the baseline check that it stands for. */
  readonly overrides?: string;
  find(pod: PodFacts): readonly Found[];
}

export interface PodSecurityAnswer {
  readonly violations: readonly Violation[];
  readonly doubts: readonly Doubt[];
}

const answers = oncePerSystem(() => new Map<string, PodSecurityAnswer>());

/** The same for a workload of a system; several controls ask for the same one. */
export function podSecurityIn(system: System, workload: Workload, level: PodSecurityLevel): PodSecurityAnswer {
  const ofSystem = answers(system);
  const key = `${level} ${workload.ref.name}`;
  const answer = ofSystem.get(key) ?? podSecurityOf({ workload, containers: system.containersOf(workload) }, level);
  ofSystem.set(key, answer);
  return answer;
}

/** Whether a pod would be admitted at a level: no violation and no doubt means that it would. */
export function podSecurityOf(pod: PodFacts, level: PodSecurityLevel): PodSecurityAnswer {
  const found = checksOf(level).flatMap((check) => check.find(pod));
  return {
    violations: found.flatMap((each) => ("violation" in each ? [each.violation] : [])),
    doubts: [...containersInDoubt(pod, level), ...found.flatMap((each) => ("doubt" in each ? [each.doubt] : []))],
  };
}

function checksOf(level: PodSecurityLevel): readonly PodSecurityCheck[] {
  if (level === "baseline") return baselineChecks;
  const overridden = new Set(restrictedChecks.map(({ overrides }) => overrides));
  return [...baselineChecks.filter(({ name }) => !overridden.has(name)), ...restrictedChecks];
}

/** A container that is not seen may violate anything. */
function containersInDoubt({ workload }: PodFacts, level: PodSecurityLevel): readonly Doubt[] {
  const names = workload.kubernetes?.containerNames;
  if (names === undefined || names.complete) return [];
  return [{ check: level, why: names.why, place: names.place }];
}
