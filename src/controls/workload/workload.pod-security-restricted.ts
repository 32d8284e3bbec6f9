/**
 * The level of best practice: what a pod does not need, it does not have.
 *
 * Reads:  workload.kubernetes, container.kubernetes, workload.hostUsers
 * Passes: no check of the level *restricted* of the Pod Security Standards is violated beyond those of *baseline*.
 */
import type { Edit } from "../../contracts/fix.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { below, setBelow } from "../fix.ts";
import { notApplicable } from "../judge.ts";
import { type PodSecurityAnswer, podSecurityIn, type Violation } from "../knowledge/pod-security.ts";
import { containerWhere } from "../knowledge/pod-security-finding.ts";
import { otherItems, restrictedReferences, standardsOf } from "../knowledge/pod-security-items.ts";
import { judgePod } from "../knowledge/pod-security-judgement.ts";

const checks = [
  "restricted/restrictedVolumes",
  "restricted/allowPrivilegeEscalation",
  "restricted/runAsNonRoot",
  "restricted/runAsUser",
  "restricted/seccompProfile",
  "restricted/capabilities",
];

export const podSecurityRestricted = defineControl({
  id: "workload.pod-security-restricted",
  on: "workload",
  platforms: ["kubernetes"],
  severity: "info",
  title: "Pods keep to the Pod Security level restricted",
  claim: "Every pod keeps to the level restricted of the Pod Security Standards.",
  threat:
    "A program that is taken over starts with more than it needs: root, capabilities, set-user-id programs, every system call.",
  remedy:
    "Give the pod `securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }` and each container `securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }`; then `kubectl label namespace NAME pod-security.kubernetes.io/enforce=restricted`.",
  judged:
    "One finding for each pod, with every check of the level that it violates, as of Kubernetes 1.37; what violates baseline already is left to workload.pod-security-baseline. Info, because each part (user, capabilities, escalation, seccomp) has a finding of its own with its remedy: this one tells what the API server would refuse. Medium where the namespace enforces the level. Unknown when a field cannot be resolved.",
  limits: "Older clusters judge by older versions of the checks.",
  frameworks: {
    ...restrictedReferences,
    podSecurity: checks,
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.AA-05", "PR.PS-01"],
    coverage: ["W7"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The containers have no capabilities, gain no rights, and are refused system calls outside of the runtime's list; one that names no user other than root is not changed.",
    onlyNamed: true,
    edits(workload, system) {
      const found = podSecurityIn(system, workload, "restricted");
      const edits = found.violations.map((violation) => mend(violation, system.containersOf(workload)));
      const [first, ...others] = edits.filter((edit) => edit !== undefined);
      const whole = found.doubts.length === 0 && edits.every((edit) => edit !== undefined);
      return whole && first !== undefined ? [first, ...others] : undefined;
    },
  },

  check(workload, system) {
    if (workload.kubernetes === undefined) return notApplicable("not a pod");
    const baseline = podSecurityIn(system, workload, "baseline");
    const strict = podSecurityIn(system, workload, "restricted");
    const answer = beyond(strict, baseline);
    const standards = standardsOf(strict, "restricted", checks);
    if (answer.violations.length + answer.doubts.length === 0 && baseline.violations.length > 0) {
      const why = "it breaks the level baseline, which workload.pod-security-baseline reports";
      return { ...notApplicable(why), items: standards };
    }
    const judgement = judgePod(answer, "restricted", { workload, system, severity: "info" });
    if (judgement.verdict === "pass") return judgement;
    return {
      ...judgement,
      ...(knownValue(workload.kubernetes.operatingSystem) === "windows" ? { remedy: onWindows } : {}),
      items: { ...standards, ...otherItems(answer, "restricted", system.containersOf(workload)) },
    };
  },
});

/** A Windows pod is refused with fields of Linux. Source: k8s.io/api/core/v1, `PodSpec.os`, as of v1.37. */
const onWindows =
  "Give the pod `securityContext: { runAsNonRoot: true, windowsOptions: { runAsUserName: ContainerUser } }`; then `kubectl label namespace NAME pod-security.kubernetes.io/enforce=restricted`.";

/** What a stricter level finds that the other does not. */
function beyond(strict: PodSecurityAnswer, loose: PodSecurityAnswer): PodSecurityAnswer {
  const told = new Set(loose.violations.map(keyOf));
  return { ...strict, violations: strict.violations.filter((violation) => !told.has(keyOf(violation))) };
}

function keyOf({ where, what }: Violation): string {
  return `${where}\0${what}`;
}

/** What mends one violation; undefined where somebody stated the opposite, or it takes one who knows the program. */
function mend({ check, where, what }: Violation, containers: readonly Container[]): Edit | undefined {
  const container = containers.find(
    ({ kubernetes }) => kubernetes !== undefined && containerWhere(kubernetes) === where,
  );
  if (container === undefined) return undefined;
  const { noNewPrivileges, user, addedCapabilities } = container;
  switch (check) {
    case "allowPrivilegeEscalation":
      return noNewPrivileges.kind === "stated"
        ? undefined
        : setBelow(container, ["securityContext", "allowPrivilegeEscalation"], false);
    case "capabilities":
      return what === "ALL is not dropped" && addedCapabilities.items.length === 0
        ? below(container, ["securityContext", "capabilities", "drop"], { kind: "append", value: "ALL" })
        : undefined;
    case "seccompProfile":
      return what === "no seccomp profile is stated"
        ? setBelow(container, ["securityContext", "seccompProfile", "type"], "RuntimeDefault")
        : undefined;
    case "runAsNonRoot":
      return what === "runAsNonRoot is not stated" && (knownValue(user)?.uid ?? 0) > 0
        ? setBelow(container, ["securityContext", "runAsNonRoot"], true)
        : undefined;
    default:
      return undefined;
  }
}
