/**
 * A namespace that nobody labelled gets the cluster's default, and that should not be everything.
 *
 * Reads:  repository-file.configuration (Talos, AdmissionConfiguration, flags of the API server: the admission plugin PodSecurity)
 * Passes: pods must hold the level baseline or restricted where no label says otherwise.
 */

import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { clusterSoftware, inWordsOf, onServerSettings } from "../knowledge/cluster-settings.ts";
import { demandOf, isJudgement, machineOf } from "../knowledge/talos.ts";

const inTools = {
  kubeadm:
    "Name an AdmissionConfiguration whose plugin PodSecurity has `defaults.enforce: baseline` in `admission-control-config-file` of `apiServer.extraArgs`, or label each namespace.",
  k3s: "Add `admission-control-config-file=/var/lib/rancher/k3s/server/psa.yaml` to `kube-apiserver-arg`, with `defaults.enforce: baseline` for the plugin PodSecurity, or label each namespace (RKE2: `profile: cis`).",
  component:
    "Set `defaults.enforce: baseline` for the plugin PodSecurity in the AdmissionConfiguration that the API server is started with, or label each namespace.",
};

export const podSecurityDefaulted = defineControl({
  id: "workload.pod-security-defaulted",
  on: "repository-file",
  software: clusterSoftware,
  severity: "medium",
  title: "The cluster enforces a Pod Security level by default",
  claim: "Where no label says otherwise, no pod is admitted that is above the level baseline.",
  threat: "Whoever can create a pod in a namespace without labels creates a privileged one, and is on the machine.",
  remedy:
    "Give the admission plugin PodSecurity `defaults.enforce: baseline` (what `talosctl gen config` writes), or `restricted`, and label the namespaces that need more.",
  judged:
    "For configuration of a control plane: passes when the plugin PodSecurity enforces `baseline` or `restricted` by default. Fails for `privileged`, for none stated, and for a whole configuration without the plugin: Talos adds none of itself. Low where kubeadm, k3s or a static pod leave it at `privileged`, which is Kubernetes' own. Unknown where the API server is only told which file says it (`admission-control-config-file`); that file is judged by itself. Not applicable to workers, and to patches that do not speak of it.",
  frameworks: {
    cisKubernetes: ["5.2.1"],
    nsaKubernetes: ["pod-security-admission"],
    owaspKubernetes: ["K04"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W7", "W9"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The API server refuses pods that break the level baseline, in every namespace without a label of its own.",
    onlyNamed: true,
    edits(file, _system, judgement) {
      const machine = machineOf(file);
      if (isJudgement(machine) || knownValue(machine.podSecurity) !== "privileged") return undefined;
      return wordAt(judgement, "privileged", "baseline");
    },
  },

  check(file) {
    return inWordsOf(
      file,
      inTools,
      onServerSettings(file, (machine) => {
        const { podSecurity: fact } = machine;
        const judgement = demandOf(fact, machine, (level) => level === "baseline" || level === "restricted", {
          what: "the Pod Security level that is enforced by default",
        });
        if (judgement.verdict === "unknown") return { ...judgement, severity: "low" };
        // Kubernetes' own default: labels of the namespaces are where most enforce a level.
        const own = file.configuration?.software === "cluster" && fact.kind === "defaulted";
        return judgement.verdict === "fail" && own ? { ...judgement, severity: "low" } : judgement;
      }),
    );
  },
});
