/**
 * With the host's processes in view, a program that is root in the container reads their memory and files through /proc, secrets too, and stops them.
 *
 * Reads:  workload.hostPid
 * Passes: it is not asked for, which is the platform's default.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";
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
    "Fails for `pid: host`, on Kubernetes `hostPID: true`. Nothing stated passes, for the platform gives each container its own. Not applicable to a part of a cluster's node (node-exporter).",
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
    return unlessNodePart(judgement, workload, system);
  },
});
