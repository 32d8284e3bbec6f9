/**
 * Workloads beside the control plane share a kernel with the keys of the cluster.
 *
 * Reads:  repository-file.configuration (Talos: allowSchedulingOnControlPlanes)
 * Passes: ordinary workloads run on workers.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { onMachine } from "../knowledge/talos.ts";

export const controlPlaneDedicated = defineControl({
  id: "workload.control-plane-dedicated",
  on: "repository-file",
  software: ["talos"],
  severity: "info",
  title: "Workloads run on workers",
  claim: "No ordinary workload runs on a machine of the control plane.",
  threat: "A container that escapes on such a machine has the keys of the cluster beside it.",
  remedy: "With machines to spare, add workers and take `cluster.allowSchedulingOnControlPlanes` out.",
  judged:
    "Fails, as a note, when `cluster.allowSchedulingOnControlPlanes` is true: with one to three machines there is no other way. Not applicable where it is not stated.",
  frameworks: { nsaKubernetes: ["worker-segmentation"], nistCsf: ["PR.IR-01"], coverage: ["W9"] },
  exposureMatters: false,

  check(file) {
    return onMachine(file, (machine) => {
      if (machine.workloadsOnControlPlane.kind === "unstated") return notApplicable("it is not stated");
      return demand(machine.workloadsOnControlPlane, (allowed) => !allowed, {
        what: "`allowSchedulingOnControlPlanes`",
      });
    });
  },
});
