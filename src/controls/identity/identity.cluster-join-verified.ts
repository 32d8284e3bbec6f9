/**
 * A machine that joins a cluster hands itself over: it should know whom to.
 *
 * Reads:  repository-file.configuration (kubeadm's JoinConfiguration; `server` and `token` of k3s and RKE2)
 * Passes: who joins verifies the cluster's authority.
 */
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { inWordsOf, onClusterFile } from "../knowledge/cluster-settings.ts";

const inTools = {
  kubeadm:
    "Take `unsafeSkipCAVerification` out and name `caCertHashes`, as `kubeadm token create --print-join-command` prints them.",
  k3s: "Give the token in its long form, as it stands in `/var/lib/rancher/k3s/server/token` (`K10…::…`), from a file that only root reads (`token-file`).",
  component: "Give the machine the cluster's authority before it joins.",
};

export const clusterJoinVerified = defineControl({
  id: "identity.cluster-join-verified",
  on: "repository-file",
  software: ["cluster"],
  severity: "medium",
  title: "A machine that joins verifies whose cluster it is",
  claim: "No machine sends its token to, or takes orders from, whoever answers at the cluster's address.",
  threat:
    "Whoever answers in the API server's place while a machine joins gets the token, joins the cluster with it, and runs what they like on the machine.",
  remedy: inTools.kubeadm,
  judged:
    "Fails medium for `unsafeSkipCAVerification: true` of kubeadm; low for a token of k3s or RKE2 in its short form, which is sent to whoever answers. Hashes of the authority, a discovery file and a token in its long form pass. Unknown when a template or a file of the machine holds it.",
  frameworks: {
    nsaKubernetes: ["control-plane"],
    owaspKubernetes: ["K09"],
    zeroTrust: ["2", "6"],
    nistCsf: ["PR.AA-03", "PR.DS-02"],
    coverage: ["W9", "T5"],
  },
  exposureMatters: false,

  check(file) {
    return onClusterFile(file, ({ joinVerified, tool }) => {
      if (joinVerified === undefined) return notApplicable("no machine joins by it");
      const judgement = forbid(joinVerified, (verified) => !verified, {
        what: "whether a machine that joins verifies the cluster's authority",
        show: (verified) => (verified ? "yes" : "no"),
      });
      if (judgement.verdict !== "fail") return { ...judgement, severity: "low" };
      const message =
        tool === "k3s" || tool === "rke2"
          ? "the token has its short form, which is sent to whoever answers at the server's address"
          : "a machine joins whatever cluster answers (`unsafeSkipCAVerification`)";
      const severity = tool === "k3s" || tool === "rke2" ? ("low" as const) : ("medium" as const);
      return inWordsOf(file, inTools, { ...judgement, message, severity });
    });
  },
});
