/**
 * A namespace that nobody labelled gets the cluster's default, and that should not be everything.
 *
 * Reads:  repository-file.configuration (Talos: the admission plugin PodSecurity)
 * Passes: pods must hold the level baseline or restricted where no label says otherwise.
 */

import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { demandOf, isJudgement, machineOf, onControlPlane } from "../knowledge/talos.ts";

export const podSecurityDefaulted = defineControl({
  id: "workload.pod-security-defaulted",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "The cluster enforces a Pod Security level by default",
  claim: "Where no label says otherwise, no pod is admitted that is above the level baseline.",
  threat: "Whoever can create a pod in a namespace without labels creates a privileged one, and is on the machine.",
  remedy:
    "Give the admission plugin PodSecurity `defaults.enforce: baseline` (what `talosctl gen config` writes), or `restricted`, and label the namespaces that need more.",
  judged:
    "For configuration of a control plane: passes when the plugin PodSecurity enforces `baseline` or `restricted` by default. Fails for `privileged`, for none stated, and for a whole configuration without the plugin: Talos adds none of itself. Not applicable to workers, and to patches that do not speak of it.",
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
    return onControlPlane(file, (machine) => {
      return demandOf(machine.podSecurity, machine, (level) => level === "baseline" || level === "restricted", {
        what: "the Pod Security level that is enforced by default",
      });
    });
  },
});
