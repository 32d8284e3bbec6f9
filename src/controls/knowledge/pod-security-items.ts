import type { FrameworkReferences } from "../../contracts/control.ts";
import type { ItemVerdicts } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import type { PodSecurityAnswer, PodSecurityLevel, Violation } from "./pod-security.ts";
import { containerWhere } from "./pod-security-finding.ts";

/**
 * What items of frameworks ask beside the Pod Security Standards themselves, by the check that answers them. The CIS
 * Benchmark asks for each of the host's namespaces by itself, which is told by what a violation names.
 */
const asked: Readonly<Record<string, FrameworkReferences>> = {
  windowsHostProcess: { cisKubernetes: ["5.2.11"] },
  privileged: { cisKubernetes: ["5.2.2"], nsaKubernetes: ["no-privileged"] },
  capabilities: { cisKubernetes: ["5.2.9"], nsaKubernetes: ["capabilities"] },
  hostPID: { cisKubernetes: ["5.2.3"], nsaKubernetes: ["no-host-namespaces"] },
  hostIPC: { cisKubernetes: ["5.2.4"], nsaKubernetes: ["no-host-namespaces"] },
  hostNetwork: { cisKubernetes: ["5.2.5"], nsaKubernetes: ["no-host-namespaces"] },
  hostNamespaces: { cisKubernetes: ["5.2.3", "5.2.4", "5.2.5"], nsaKubernetes: ["no-host-namespaces"] },
  hostPathVolumes: { cisKubernetes: ["5.2.12"], nsaKubernetes: ["no-host-namespaces"] },
  hostPorts: { cisKubernetes: ["5.2.13"], nsaKubernetes: ["no-host-namespaces"] },
  root: { cisKubernetes: ["5.2.7"], nsaKubernetes: ["non-root"], nistCsf: ["PR.AA-05"] },
};

/** What is asked of each level: of baseline the pod's own dangers, of restricted who it runs as. */
const narrowedBy: Readonly<Record<PodSecurityLevel, readonly string[]>> = {
  baseline: ["windowsHostProcess", "privileged", "capabilities", "hostNamespaces", "hostPathVolumes", "hostPorts"],
  restricted: ["root"],
};

/** Items that any violation of a level fails. */
const general: Readonly<Record<PodSecurityLevel, FrameworkReferences>> = {
  baseline: { cisKubernetes: ["5.2.1"], nsaKubernetes: ["pod-security-admission"] },
  restricted: {
    cisKubernetes: ["5.2.1", "5.7.3"],
    nsaKubernetes: ["pod-security-admission"],
    nistCsf: ["PR.PS-01"],
  },
};

/** Framework items that a control of a level answers by single checks, beside those of the standards. */
export const baselineReferences = referencesOf("baseline");
export const restrictedReferences = referencesOf("restricted");

/** Which items of the standards themselves a pod fails; those of the level that are not named, it keeps to. */
export function standardsOf(answer: PodSecurityAnswer, level: PodSecurityLevel, all: readonly string[]): ItemVerdicts {
  const found = new Map<string, "fail" | "unknown">();
  for (const { check } of answer.doubts) {
    for (const item of check === level ? all : [`${level}/${check}`]) found.set(item, "unknown");
  }
  for (const { check } of answer.violations) found.set(`${level}/${check}`, "fail");
  return { podSecurity: found };
}

/** Which items of the other frameworks a pod fails by what is told of it. */
export function otherItems(
  { violations, doubts }: PodSecurityAnswer,
  level: PodSecurityLevel,
  containers: readonly Container[],
): ItemVerdicts {
  const found = {
    cisKubernetes: new Map<string, "fail" | "unknown">(),
    nsaKubernetes: new Map<string, "fail" | "unknown">(),
    ...(level === "restricted" ? { nistCsf: new Map<string, "fail" | "unknown">() } : {}),
  };
  const note = (references: FrameworkReferences | undefined, verdict: "fail" | "unknown") => {
    for (const [framework, verdicts] of Object.entries(found) as [keyof typeof found, Map<string, typeof verdict>][]) {
      for (const item of references?.[framework] ?? []) verdicts.set(item, verdict);
    }
  };
  for (const { check } of doubts) {
    note(general[level], "unknown");
    for (const name of check === level ? narrowedBy[level] : [nameOf(check)]) note(asked[name], "unknown");
  }
  for (const violation of violations) {
    note(general[level], "fail");
    note(asked[askedOf(violation, containers)], "fail");
  }
  return found;
}

function askedOf(violation: Violation, containers: readonly Container[]): string {
  const { check, field } = violation;
  if (field !== undefined) return field;
  return check === "runAsNonRoot" && !mayBeRoot(violation, containers) ? check : nameOf(check);
}

function nameOf(check: string): string {
  return check === "runAsNonRoot" || check === "runAsUser" ? "root" : check;
}

/** A user's number says that it is not root, though `runAsNonRoot` does not. */
function mayBeRoot({ where }: Violation, containers: readonly Container[]): boolean {
  const container = containers.find(
    ({ kubernetes }) => kubernetes !== undefined && containerWhere(kubernetes) === where,
  );
  return container === undefined || (knownValue(container.user)?.uid ?? 0) === 0;
}

function referencesOf(level: PodSecurityLevel): { cisKubernetes: readonly string[]; nsaKubernetes: readonly string[] } {
  const all = [general[level], ...narrowedBy[level].map((name) => asked[name])];
  const of = (framework: "cisKubernetes" | "nsaKubernetes") => [
    ...new Set(all.flatMap((each) => each?.[framework] ?? [])),
  ];
  return { cisKubernetes: of("cisKubernetes"), nsaKubernetes: of("nsaKubernetes") };
}
