/**
 * Parts of /proc and /sys are hidden from containers because writing to them changes the host.
 *
 * Reads:  workload.compose.systemPaths, container.kubernetes.procMount, workload.hostUsers, container.privileged
 * Passes: they are masked, which is the platform's default.
 */

import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, forbid, notApplicable, pass } from "../judge.ts";

export const systemPathsMasked = defineControl({
  id: "workload.system-paths-masked",
  on: "workload",
  severity: "medium",
  title: "System paths stay masked",
  claim: "No container sees the parts of /proc and /sys that the engine hides.",
  threat:
    "Unmasked, `/proc/sysrq-trigger`, `/proc/kcore` and parts of `/sys` lie open to a program that is root in the container.",
  remedy: "Remove `systempaths=unconfined` from `security_opt:`.",
  remedies: {
    kubernetes:
      "Remove `procMount: Unmasked` from the container's `securityContext`, or give the pod `hostUsers: false`.",
  },
  judged:
    "Fails for `systempaths=unconfined`, on Kubernetes for `procMount: Unmasked` in a pod that has the node's users; with users of its own (`hostUsers: false`) nothing there can be written.",
  frameworks: {
    owaspDocker: ["D04"],
    podSecurity: ["baseline/procMount"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check(workload, system) {
    if (workload.kubernetes !== undefined) return ofPod(workload, system);
    if (workload.compose === undefined) return notApplicable("the platform has no such option");
    if (system.containersOf(workload).some((container) => knownValue(container.privileged) === true)) {
      return notApplicable("the container is privileged, which workload.privileged-off reports");
    }
    return forbid(workload.compose.systemPaths, (paths) => paths === "unconfined", { what: "systempaths" });
  },
});

function ofPod(workload: Workload, system: System): Judgement | readonly Judgement[] {
  const { hostUsers } = workload;
  const masks = system.containersOf(workload).flatMap(({ kubernetes, privileged }) => {
    if (kubernetes === undefined || knownValue(privileged) === true || kubernetes.procMount.kind === "unstated")
      return [];
    return forbid(kubernetes.procMount, (mount) => mount !== "Default", {
      what: `\`procMount\` of ${kubernetes.name}`,
      detail: kubernetes.name,
    });
  });
  if (masks.length === 0) return pass("no container asks for other than the default masks", workload.place);
  if (knownValue(hostUsers) === false) return pass("the pod has users of its own", hostUsers.place);
  if (hostUsers.kind === "unknown")
    return cannotTell("whether the pod has users of its own", hostUsers.why, { place: hostUsers.place });
  return all(masks);
}
