/**
 * The level of best practice: what a pod does not need, it does not have.
 *
 * Reads:  workload.kubernetes, container.kubernetes, workload.hostUsers
 * Passes: no check of the level *restricted* of the Pod Security Standards is violated beyond those of *baseline*.
 */
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { type PodSecurityAnswer, podSecurityIn, type Violation } from "../knowledge/pod-security.ts";
import { judgePod } from "../knowledge/pod-security-judgement.ts";

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
    cisKubernetes: ["5.2.1", "5.7.3"],
    podSecurity: [
      "restricted/restrictedVolumes",
      "restricted/allowPrivilegeEscalation",
      "restricted/runAsNonRoot",
      "restricted/runAsUser",
      "restricted/seccompProfile",
      "restricted/capabilities",
    ],
    nsaKubernetes: ["pod-security-admission"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W7"],
  },
  exposureMatters: false,

  check(workload, system) {
    if (workload.kubernetes === undefined) return notApplicable("not a pod");
    const baseline = podSecurityIn(system, workload, "baseline");
    const answer = beyond(podSecurityIn(system, workload, "restricted"), baseline);
    if (answer.violations.length + answer.doubts.length === 0 && baseline.violations.length > 0)
      return notApplicable("it breaks the level baseline, which workload.pod-security-baseline reports");
    return judgePod(answer, "restricted", { workload, system, severity: "info" });
  },
});

/** What a stricter level finds that the other does not. */
function beyond(strict: PodSecurityAnswer, loose: PodSecurityAnswer): PodSecurityAnswer {
  const told = new Set(loose.violations.map(keyOf));
  return { ...strict, violations: strict.violations.filter((violation) => !told.has(keyOf(violation))) };
}

function keyOf({ where, what }: Violation): string {
  return `${where}\0${what}`;
}
