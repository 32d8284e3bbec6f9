/**
 * Containers of a pod that see one another's processes read one another's secrets through /proc.
 *
 * Reads:  workload.kubernetes.sharesProcesses, workload.containers
 * Passes: each container has a process namespace of its own.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { forbid, notApplicable } from "../judge.ts";

export const processesSeparate = defineControl({
  id: "workload.processes-separate",
  on: "workload",
  platforms: ["kubernetes"],
  severity: "low",
  title: "Containers of a pod do not see one another's processes",
  claim: "No container of a pod sees the processes of another.",
  threat:
    "A sidecar that is taken over reads the environment and the files of the others through `/proc/PID/environ` and `/proc/PID/root`, and stops them.",
  remedy: "Remove `shareProcessNamespace: true` from the pod's `spec`.",
  judged:
    "Fails for `shareProcessNamespace: true` in a pod of two or more containers. With one container there is nobody to share with.",
  frameworks: { owaspKubernetes: ["K01"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  fix: {
    changesBehaviour: "Containers of the pod no longer see, signal or debug one another's processes.",
    onlyNamed: true,
    edits: (_workload, _system, judgement) => wordAt(judgement, "true", "false"),
  },

  check(workload) {
    const { kubernetes } = workload;
    if (kubernetes === undefined) return notApplicable("not a pod");
    if (kubernetes.containerNames.complete && kubernetes.containerNames.items.length < 2)
      return notApplicable("a pod of one container");
    return forbid(kubernetes.sharesProcesses, (shared) => shared, { what: "`shareProcessNamespace`" });
  },
});
