/**
 * The administrator's kubeconfig is the cluster: who can read it needs nothing else.
 *
 * Reads:  repository-file.configuration (`write-kubeconfig-mode` of k3s and RKE2)
 * Passes: nobody but root, or a group, can read it.
 */
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { onClusterFile } from "../knowledge/cluster-settings.ts";

export const kubeconfigPrivate = defineControl({
  id: "secrets.kubeconfig-private",
  on: "repository-file",
  software: ["cluster"],
  severity: "medium",
  title: "The administrator's kubeconfig is for root alone",
  claim: "Not every user of the machine can read the credentials of the cluster's administrator.",
  threat:
    "Any program on the machine, as whatever user, is an administrator of the cluster, and by a privileged pod root on every machine of it.",
  remedy:
    'Take `write-kubeconfig-mode` out (k3s writes 0600), or set "0640" with `write-kubeconfig-group`, and give people kubeconfigs of their own.',
  judged:
    "Fails when `write-kubeconfig-mode` of k3s or RKE2 lets others read the file (0644). It is read as octal, whatever its quotes. Not applicable to agents, which write none, and to drop-in files that do not state it; unknown when it cannot be told.",
  frameworks: {
    cisKubernetes: ["1.1.13"],
    nsaKubernetes: ["control-plane"],
    owaspKubernetes: ["K06"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05", "PR.DS-01"],
    coverage: ["W9", "S1"],
  },
  exposureMatters: false,

  check(file) {
    return onClusterFile(file, ({ kubeconfigMode }) => {
      if (kubeconfigMode === undefined || kubeconfigMode.kind === "unstated")
        return notApplicable("it writes no kubeconfig, or another file says with which permissions");
      return forbid(kubeconfigMode, (mode) => (mode & 0o004) !== 0, {
        what: "the mode of the administrator's kubeconfig",
        show: (mode) => mode.toString(8).padStart(4, "0"),
      });
    });
  },
});
