/**
 * A copy of the cluster's database is a copy of all its Secrets, unless they were encrypted before they went in.
 *
 * Reads:  repository-file.configuration (Talos, kubeadm, k3s, static pods, EncryptionConfiguration: encryption of Secrets)
 * Passes: Secrets are encrypted before they reach etcd.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ClusterSettings } from "../../facts/configuration/cluster.ts";
import { defineControl } from "../define.ts";
import { about, fail, pass } from "../judge.ts";
import { clusterSoftware, inWordsOf, onServerSettings } from "../knowledge/cluster-settings.ts";
import { demandOf } from "../knowledge/talos.ts";

const inTools = {
  kubeadm:
    "Write an EncryptionConfiguration whose first provider for `secrets` is `secretbox`, mount it with `apiServer.extraVolumes`, name it in `encryption-provider-config`, and write all Secrets anew: `kubectl get secrets -A -o json | kubectl replace -f -`.",
  k3s: "Set `secrets-encryption: true` on every server (`secrets-encryption-provider: secretbox` from v1.33 on), restart them, and run `k3s secrets-encrypt rotate-keys`.",
  component:
    "Put `secretbox` before `identity` in an EncryptionConfiguration that the API server is started with (`--encryption-provider-config`), and write all Secrets anew: `kubectl get secrets -A -o json | kubectl replace -f -`.",
};

export const etcdEncrypted = defineControl({
  id: "data.etcd-encrypted",
  on: "repository-file",
  software: clusterSoftware,
  severity: "medium",
  title: "Secrets are encrypted before they reach etcd",
  claim: "The cluster's database and its snapshots hold Secrets in encrypted form only.",
  threat: "Whoever gets a snapshot of etcd, a backup or the disk of one machine reads every Secret of the cluster.",
  remedy:
    "Set `cluster.secretboxEncryptionSecret` to 32 random bytes in base64 (`openssl rand -base64 32`), kept encrypted in Git, then write all Secrets anew: `kubectl get secrets -A -o json | kubectl replace -f -`.",
  judged:
    "For configuration of a control plane: passes for secretbox, AES-GCM and a key service; fails low for AES-CBC, which Kubernetes advises against, medium for none. A whole configuration of Talos without a key fails; kubeadm, k3s and a static pod without encryption, which is their default, fail low, and what a tool turns on by itself (RKE2) passes. Unknown where the API server is only told which file has the providers; that file is judged by itself. Not applicable to workers, and to patches that do not speak of it.",
  frameworks: {
    cisKubernetes: ["1.2.27", "1.2.28"],
    nsaKubernetes: ["etcd-encryption", "encryption"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.DS-01"],
    coverage: ["B4", "S5", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return inWordsOf(file, inTools, onServerSettings(file, judgeOfItems));
  },
});

/** A file of providers says which there are, and not that the API server is started with it. */
function judgeOfItems(settings: ClusterSettings): Judgement | readonly Judgement[] {
  const judgement = judge(settings);
  return settings.parts?.length === 0 ? about({ cisKubernetes: ["1.2.28"] }, judgement) : judgement;
}

function judge(settings: ClusterSettings): Judgement {
  const { etcdEncryption: fact } = settings;
  // AES-CBC that a tool chooses by itself may be all that it has (k3s before v1.33).
  if (fact.kind === "defaulted" && fact.value !== "none")
    return pass(`Secrets are encrypted with ${fact.value}, which the tool chooses`, fact.place);
  if (fact.kind === "stated" && fact.value !== "none") {
    const { place } = fact;
    if (fact.value !== "aescbc") return pass(`Secrets are encrypted with ${fact.value}`, place);
    const weak = fail("Secrets are encrypted with AES-CBC, which Kubernetes advises against", {
      place,
      severity: "low",
    });
    // The benchmark takes it for one of three that will do.
    return { ...weak, items: { cisKubernetes: new Map() } };
  }
  const judgement = demandOf(fact, settings, (by) => by !== "none", {
    what: "the encryption of Secrets",
    unstated: "so that they lie in etcd as they are",
  });
  if (judgement.verdict === "unknown") return { ...judgement, severity: "low" };
  // What a tool leaves off by itself is nothing that its user took away.
  return judgement.verdict === "fail" && fact.kind === "defaulted" ? { ...judgement, severity: "low" } : judgement;
}
