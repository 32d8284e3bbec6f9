/**
 * Without the API server's audit log nobody can tell who did what in the cluster.
 *
 * Reads:  repository-file.configuration (Talos: auditPolicy; flags of the API server, policies of audit.k8s.io)
 * Passes: requests are recorded, and what is in Secrets is not.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ClusterSettings } from "../../facts/configuration/cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { about, all, fail, notApplicable, pass } from "../judge.ts";
import { clusterSoftware, inWordsOf, onServerSettings } from "../knowledge/cluster-settings.ts";
import { demandOf } from "../knowledge/talos.ts";

const inTools = {
  kubeadm:
    "Name a policy (`audit.k8s.io/v1`, level Metadata for everything to begin with) in `audit-policy-file` and a place in `audit-log-path` of `apiServer.extraArgs`, and mount both with `extraVolumes`.",
  k3s: "Add `audit-policy-file=/var/lib/rancher/k3s/server/audit.yaml` and `audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log` to `kube-apiserver-arg`, with a policy of level Metadata.",
  component:
    "Start the API server with `--audit-policy-file` and `--audit-log-path`; put a rule with level Metadata for `secrets`, `configmaps` and `tokenreviews` before rules with more.",
};

export const clusterAudited = defineControl({
  id: "detection.cluster-audited",
  on: "repository-file",
  software: clusterSoftware,
  severity: "medium",
  title: "The API server records requests, and no Secret with them",
  claim: "The API server's audit log is on, and the contents of Secrets are left out of it.",
  threat:
    "An intrusion leaves no trace in the cluster; or the log itself, which goes to a collector, holds every Secret that was read or written.",
  remedy:
    "Leave Talos's own policy (level Metadata for everything), or put a rule with level Metadata for `secrets`, `configmaps` and `tokenreviews` before rules with more.",
  judged:
    "Talos records the metadata of every request where no policy is stated. kubeadm, k3s and a static pod record nothing unless a policy and a place for the log are named: low where neither is, medium where one is missing. Fails when a stated policy has no rule but those of level None, and when the first rule that takes Secrets records their bodies (Request, RequestResponse). Unknown when the policy cannot be told.",
  limits: "That the log leaves the machine is not seen here.",
  frameworks: {
    cisKubernetes: ["1.2.16", "3.2.1", "3.2.2"],
    nsaKubernetes: ["audit-logging"],
    owaspKubernetes: ["K10"],
    zeroTrust: ["7"],
    nistCsf: ["PR.PS-04", "DE.CM-03"],
    coverage: ["M9", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return inWordsOf(
      file,
      inTools,
      onServerSettings(file, (machine) => {
        const { audit } = machine;
        const records = demandOf(audit, machine, (policy) => policy.records, {
          what: "what the API server records",
          show: (policy) => (policy.records ? "requests" : "nothing"),
          detail: "on",
        });
        // A policy by itself says nothing of where what it records is written.
        const isPolicy = machine.parts?.length === 0;
        const recorded = isPolicy ? ["3.2.1"] : ["1.2.16", "3.2.1"];
        if (records.verdict === "pass")
          return all(about({ cisKubernetes: recorded }, records), about({ cisKubernetes: ["3.2.2"] }, bodies(audit)));
        // Kubernetes records nothing unless it is told to: nobody took anything away.
        const own = records.verdict === "fail" && audit.kind === "defaulted";
        return about({ cisKubernetes: [...recorded, "3.2.2"] }, own ? { ...records, severity: "low" } : records);
      }),
    );
  },
});

function bodies(audit: ClusterSettings["audit"]): Judgement {
  const found = knownValue(audit)?.bodiesOfSecrets;
  if (found === undefined) return notApplicable("the rules stand in a file that is judged by itself");
  return found
    ? fail("the audit log records what is in Secrets", { place: audit.place, detail: "secrets" })
    : pass("the audit log leaves out what is in Secrets", audit.place);
}
