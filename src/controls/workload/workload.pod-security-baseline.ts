/**
 * The level below which a pod is no longer separated from its node: the known ways to more privileges are open.
 *
 * Reads:  workload.kubernetes, container.kubernetes, container.privileged, workload.hostPid, .hostIpc, .hostUsers
 * Passes: no check of the level *baseline* of the Pod Security Standards is violated.
 */
import type { Severity } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { podSecurityIn, type Violation } from "../knowledge/pod-security.ts";
import { baselineReferences, otherItems, standardsOf } from "../knowledge/pod-security-items.ts";
import { judgePod } from "../knowledge/pod-security-judgement.ts";

const checks = [
  "baseline/windowsHostProcess",
  "baseline/hostNamespaces",
  "baseline/privileged",
  "baseline/capabilities",
  "baseline/hostPathVolumes",
  "baseline/hostPorts",
  "baseline/hostProbesAndHostLifecycle",
  "baseline/appArmorProfile",
  "baseline/seLinuxOptions",
  "baseline/procMount",
  "baseline/seccompProfile",
  "baseline/sysctls",
];

export const podSecurityBaseline = defineControl({
  id: "workload.pod-security-baseline",
  on: "workload",
  platforms: ["kubernetes"],
  severity: "low",
  title: "Pods keep to the Pod Security level baseline",
  claim: "Every pod keeps to the level baseline of the Pod Security Standards.",
  threat:
    "What the level forbids are the known ways from a pod to its node: the node's namespaces, ports and folders, privileged containers, foreign capabilities and profiles.",
  remedy:
    "Remove the fields that are named, or give what needs them a namespace of its own; then let the namespace hold the others to it: `kubectl label namespace NAME pod-security.kubernetes.io/enforce=baseline`.",
  judged:
    "One finding for each pod, with every check of the level that it violates, as of Kubernetes 1.37. Low, because the single dangers (privileged, the node's namespaces, its sensitive folders, capabilities) have findings of their own; high for a Windows HostProcess container, medium for a foreign SELinux label, which have none; medium where the namespace enforces the level, for then the pod is refused. Unknown when a field cannot be resolved. In reports by framework each item is answered by the checks that are about it.",
  limits: "Older clusters judge by older versions of the checks.",
  frameworks: {
    ...baselineReferences,
    podSecurity: checks,
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W7"],
  },
  exposureMatters: false,

  check(workload, system) {
    if (workload.kubernetes === undefined) return notApplicable("not a pod");
    const answer = podSecurityIn(system, workload, "baseline");
    const judgement = judgePod(answer, "baseline", { workload, system, severity: severityOf(answer.violations) });
    if (judgement.verdict === "pass") return judgement;
    const items = {
      ...standardsOf(answer, "baseline", checks),
      ...otherItems(answer, "baseline", system.containersOf(workload)),
    };
    return { ...judgement, items };
  },
});

function severityOf(violations: readonly Violation[]): Severity {
  if (violations.some(({ check }) => check === "windowsHostProcess")) return "high";
  return violations.some(({ check }) => check === "seLinuxOptions") ? "medium" : "low";
}
