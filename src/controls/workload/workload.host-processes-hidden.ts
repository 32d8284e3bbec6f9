/**
 * With the host's processes in view, a program that is root in the container reads their memory and files through /proc, secrets too, and stops them.
 *
 * Reads:  workload.hostPid, container.user, container.addedCapabilities, container.supplementaryGroups
 * Passes: it is not asked for, which is the platform's default.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";
import { isNobodyToHost } from "../knowledge/nobody.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { termFor } from "../knowledge/platform-terms.ts";

export const hostProcessesHidden = defineControl({
  id: "workload.host-processes-hidden",
  on: "workload",
  severity: "high",
  title: "The host's processes are hidden",
  claim: "No container sees the host's processes.",
  threat:
    "With the host's processes in view, a program that is root in the container reads their memory and files through /proc, secrets too, and stops them.",
  remedy: "Remove `pid: host`.",
  remedies: {
    incus: "Remove `lxc.namespace.keep` or `lxc.namespace.share.pid` from `raw.lxc`.",
    kubernetes: "Remove `hostPID: true` from the pod's `spec`.",
  },
  judged:
    "Fails for `pid: host`, on Kubernetes `hostPID: true`. Nothing stated passes, for the platform gives each container its own. At low for a program that is nobody to the host (by its user, or node-exporter by its image). Not applicable to a part of a cluster's node (node-exporter).",
  frameworks: {
    cisDocker: ["5.16"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.2.3"],
    podSecurity: ["baseline/hostNamespaces"],
    nsaKubernetes: ["no-host-namespaces"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check(workload, system) {
    const judgement = forbid(workload.hostPid, (shared) => shared, {
      what: termFor(workload, { kubernetes: "`hostPID`" }, "`pid`"),
      show: (shared) => (workload.platform === "kubernetes" ? String(shared) : shared ? "host" : "not the host's"),
    });
    return unlessNodePart(asSeenByNobody(judgement, workload, system), workload, system);
  },
});

/** Who is nobody sees names and arguments of processes, and opens none: that is no worse where it is published. */
function asSeenByNobody(judgement: Judgement, workload: Workload, system: System): Judgement {
  if (judgement.verdict !== "fail") return judgement;
  const isNobody = system.containersOf(workload).every((container) => isNobodyToHost(container, system));
  return isNobody ? { ...judgement, severity: "low", settled: true } : judgement;
}
