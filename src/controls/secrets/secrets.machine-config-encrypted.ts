/**
 * A machine configuration holds the keys of the cluster: who reads one owns it all.
 *
 * Reads:  repository-file.configuration (Talos, kubeadm, k3s, EncryptionConfiguration), repository-file.tracked, repository-file.ignored
 * Passes: no key, token or password stands in it in clear text, or Git leaves the file out.
 */
import type { Severity } from "../../contracts/verdict.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { clusterSoftware, inWordsOf } from "../knowledge/cluster-settings.ts";

const inTools = {
  kubeadm:
    "Leave the token out and make one when a machine joins (`kubeadm token create`, `kubeadm init phase upload-certs`), or encrypt the file with SOPS. What was pushed has to be replaced: `kubeadm token delete`.",
  k3s: "Put the token into a file that only root reads and name it in `token-file`, or let a template fill it in. What was pushed has to be replaced: `k3s token rotate`.",
  component:
    "Encrypt the file with SOPS and bring the plain one to the control plane alone. What was pushed has to be replaced: a new key before the old one, then all Secrets written anew, then the old key removed.",
};

export const machineConfigEncrypted = defineControl({
  id: "secrets.machine-config-encrypted",
  on: "repository-file",
  software: clusterSoftware,
  severity: "critical",
  title: "A cluster's configuration holds no secret in clear text",
  claim: "No key and no token of the machines or the cluster stands in clear text in a file that others get.",
  threat:
    "Whoever gets the file issues certificates of the machines' API and of the cluster, joins machines, and reads every Secret of the cluster.",
  remedy:
    "Encrypt the file with SOPS, or keep the secrets apart: `talosctl gen secrets`, encrypted, with configurations made by talhelper or from a template. What was pushed has to be replaced: `talosctl rotate-ca`, new tokens, a new encryption key.",
  judged:
    "For machine configuration in one document or many, patches, talosctl's own configuration, secrets bundles and talhelper's files; tokens and keys of kubeadm's InitConfiguration and JoinConfiguration, of `config.yaml` of k3s and RKE2, of k3d, and the keys of an EncryptionConfiguration: fails for these and for the values that Talos itself takes for secret, and for what looks like one in variables of extensions, when they stand there as they are. What SOPS encrypted, references (`op://…`, `${X}`) and what a template fills in pass. Critical in Git, high in no repository, medium where Git does not have it yet; a step less where none of them gives the cluster or its machines away.",
  limits: "Files that a machine gets by `machine.files` are searched for tokens of issuers alone.",
  frameworks: {
    nsaKubernetes: ["secrets", "control-plane"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.AA-01", "PR.DS-01"],
    coverage: ["S1", "W9", "T7"],
  },
  exposureMatters: false,

  check(file) {
    const { configuration, ignored, tracked, path } = file;
    if (configuration?.software !== "talos" && configuration?.software !== "cluster")
      return notApplicable("it sets no cluster up");
    const { secrets } = configuration;
    const [first] = secrets.items;
    if (first === undefined) {
      return secrets.complete
        ? pass("no secret stands in clear text", secrets.place)
        : cannotTell(`whether secrets stand in ${path}`, secrets.why, { place: secrets.place, severity: "low" });
    }
    if (ignored.kind === "stated" && ignored.value && tracked.kind === "stated" && !tracked.value) {
      return pass("Git leaves the file out", ignored.place);
    }
    const worst = secrets.items.find(({ root }) => root) ?? first;
    const names = listed([...new Set(secrets.items.map(({ name }) => name))]);
    return inWordsOf(
      file,
      inTools,
      fail(`${path} holds ${names} in clear text; ${worst.opens}`, {
        place: first.place,
        severity: severityOf(file, worst.root),
      }),
    );
  },
});

function severityOf({ tracked }: RepositoryFile, root: boolean): Severity {
  if (tracked.kind === "stated" && !tracked.value) return root ? "medium" : "low";
  if (tracked.kind === "unstated") return root ? "high" : "medium";
  return root ? "critical" : "high";
}
