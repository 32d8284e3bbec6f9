/**
 * The kubelet can give every container the runtime's seccomp profile, so that nobody has to remember it.
 *
 * Reads:  repository-file.configuration (Talos, KubeletConfiguration, flags: the kubelet)
 * Passes: containers without a profile get the runtime's.
 */

import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { clusterSoftware, inWordsOf, onSettings } from "../knowledge/cluster-settings.ts";
import { demandOf, isJudgement, machineOf } from "../knowledge/talos.ts";

const inTools = {
  kubeadm: "Set `seccompDefault: true` in the KubeletConfiguration.",
  k3s: "Add `seccomp-default=true` to `kubelet-arg`.",
  component: "Set `seccompDefault: true` in the KubeletConfiguration.",
};

export const seccompDefaulted = defineControl({
  id: "workload.seccomp-defaulted",
  on: "repository-file",
  software: clusterSoftware,
  severity: "low",
  title: "Containers get the runtime's seccomp profile by default",
  claim: "Every container without a seccomp profile of its own gets the runtime's.",
  threat:
    "A container without a profile tries every call that the kernel has, the ones with the next fault among them.",
  remedy: "Set `machine.kubelet.defaultRuntimeSeccompProfileEnabled: true` (KubeletConfig in newer versions).",
  judged:
    "Passes when it is stated as true, which is what `talosctl gen config` writes; fails when it is false or a whole configuration does not state it, a KubeletConfiguration among them. Not applicable to patches that do not speak of it.",
  frameworks: {
    cisKubernetes: ["5.7.2"],
    nsaKubernetes: ["hardening-services"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4", "W9"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "System calls outside of the container runtime's own list are refused to every container without a profile of its own.",
    edits(file, _system, judgement) {
      const { place } = judgement;
      const machine = machineOf(file);
      if (place?.kind !== "file" || isJudgement(machine)) return undefined;
      if (knownValue(machine.seccompDefault) === false) return wordAt(judgement, "false|no|off", "true");
      const path = ["machine", "kubelet", "defaultRuntimeSeccompProfileEnabled"];
      return [{ kind: "document", at: place, of: "node", path, change: { kind: "set", value: true } }];
    },
  },

  check(file) {
    const what =
      file.configuration?.software === "cluster" ? "`seccompDefault`" : "`defaultRuntimeSeccompProfileEnabled`";
    return inWordsOf(
      file,
      inTools,
      onSettings(file, (machine) => {
        return demandOf(machine.seccompDefault, machine, (on) => on, { what });
      }),
    );
  },
});
