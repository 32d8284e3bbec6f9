/**
 * A copy of the cluster's database is a copy of all its Secrets, unless they were encrypted before they went in.
 *
 * Reads:  repository-file.configuration (Talos: encryption of Secrets)
 * Passes: Secrets are encrypted before they reach etcd.
 */
import { defineControl } from "../define.ts";
import { fail, pass } from "../judge.ts";
import { demandOf, onControlPlane } from "../knowledge/talos.ts";

export const etcdEncrypted = defineControl({
  id: "data.etcd-encrypted",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "Secrets are encrypted before they reach etcd",
  claim: "The cluster's database and its snapshots hold Secrets in encrypted form only.",
  threat: "Whoever gets a snapshot of etcd, a backup or the disk of one machine reads every Secret of the cluster.",
  remedy:
    "Set `cluster.secretboxEncryptionSecret` to 32 random bytes in base64 (`openssl rand -base64 32`), kept encrypted in Git, then write all Secrets anew: `kubectl get secrets -A -o json | kubectl replace -f -`.",
  judged:
    "For configuration of a control plane: passes for secretbox, AES-GCM and a key service; fails low for AES-CBC, which Kubernetes advises against, medium for none. A whole configuration without a key fails. Not applicable to workers, and to patches that do not speak of it.",
  frameworks: {
    cisKubernetes: ["1.2.27"],
    nsaKubernetes: ["etcd-encryption", "encryption"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.DS-01"],
    coverage: ["B4", "S5", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return onControlPlane(file, (machine) => {
      const { etcdEncryption: fact } = machine;
      if (fact.kind === "stated" && fact.value !== "none") {
        return fact.value === "aescbc"
          ? fail("Secrets are encrypted with AES-CBC, which Kubernetes advises against", {
              place: fact.place,
              severity: "low",
            })
          : pass(`Secrets are encrypted with ${fact.value}`, fact.place);
      }
      return demandOf(fact, machine, (by) => by !== "none", {
        what: "the encryption of Secrets",
        unstated: "so that they lie in etcd as they are",
      });
    });
  },
});
