/**
 * What may make containers inside may reach more of the kernel outside.
 *
 * Reads:  workload.incus.nesting, workload.incus.instanceKind, container.privileged
 * Passes: no container may nest others.
 */

import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { forbid, notApplicable } from "../judge.ts";

export const nestingOff = defineControl({
  id: "workload.nesting-off",
  on: "workload",
  platforms: ["incus"],
  severity: "low",
  title: "Containers do not nest others",
  claim: "No container has the rights that containers inside of it need.",
  threat:
    "With `security.nesting` the AppArmor profile lets the container mount `proc` and `sys` anew and make namespaces, so that more of the kernel can be attacked from within.",
  remedy:
    'Remove `"security.nesting" = "true"`. Run an OCI image as an instance of its own in place of Docker in a container, or Docker in a virtual machine; where it must be, record it: `# ringwall-ignore workload.nesting-off: reason`.',
  judged:
    "Fails low for `security.nesting`, high beside `security.privileged`: the two together are no wall. Not applicable to virtual machines, in which it is an ability of the processor.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  fix: {
    changesBehaviour: "Docker, Podman or another container in the instance no longer starts.",
    onlyNamed: true,
    edits: (_workload, _system, judgement) => wordAt(judgement, "true", "false"),
  },

  check(workload, system) {
    const { incus } = workload;
    if (incus === undefined) return notApplicable("no Incus instance");
    if (knownValue(incus.instanceKind) === "vm") return notApplicable("a virtual machine");
    const judgement = forbid(incus.nesting, (on) => on, { what: "`security.nesting`" });
    const privileged = system.containersOf(workload).some((container) => knownValue(container.privileged) === true);
    return judgement.verdict === "fail" && privileged ? { ...judgement, severity: "high", settled: true } : judgement;
  },
});
