/**
 * Shared memory of the host's processes can be read and changed from within.
 *
 * Reads:  workload.hostIpc
 * Passes: it is not asked for, which is the platform's default.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { termFor } from "../knowledge/platform-terms.ts";

export const hostIpcHidden = defineControl({
  id: "workload.host-ipc-hidden",
  on: "workload",
  severity: "medium",
  title: "The host's shared memory is hidden",
  claim: "No container shares the host's inter-process communication.",
  threat: "Shared memory of the host's processes can be read and changed from within.",
  remedy: "Remove `ipc: host`.",
  remedies: {
    incus: "Remove `lxc.namespace.keep` or `lxc.namespace.share.ipc` from `raw.lxc`.",
    kubernetes: "Remove `hostIPC: true` from the pod's `spec`.",
  },
  judged:
    "Fails for `ipc: host`, on Kubernetes `hostIPC: true`. Nothing stated passes, for the platform gives each container its own. Not applicable to a part of a cluster's node (node-exporter).",
  frameworks: {
    cisDocker: ["5.17"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.2.4"],
    podSecurity: ["baseline/hostNamespaces"],
    nsaKubernetes: ["no-host-namespaces"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check(workload, system) {
    const judgement = forbid(workload.hostIpc, (shared) => shared, {
      what: termFor(workload, { kubernetes: "`hostIPC`" }, "`ipc`"),
      show: (shared) => (workload.platform === "kubernetes" ? String(shared) : shared ? "host" : "not the host's"),
    });
    return unlessNodePart(judgement, workload, system);
  },
});
