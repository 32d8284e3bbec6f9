/**
 * Without roles every certificate of the machines' API is an administrator's.
 *
 * Reads:  repository-file.configuration (Talos: features.rbac)
 * Passes: roles are told apart, or nothing says otherwise.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { demand, notApplicable } from "../judge.ts";
import { onMachine } from "../knowledge/talos.ts";

export const machineApiRolesOn = defineControl({
  id: "identity.machine-api-roles-on",
  on: "repository-file",
  software: ["talos"],
  severity: "high",
  title: "The machines' API tells roles apart",
  claim: "Who may only read the machines' state cannot change it.",
  threat:
    "Whoever holds any certificate of the machines' API, a monitoring system's too, wipes machines and reads all they hold.",
  remedy: "Set `machine.features.rbac: true`.",
  judged:
    "Fails when `machine.features.rbac` is false. Not applicable where it is not stated: generated configurations have it, and newer versions know no other way.",
  frameworks: {
    nsaKubernetes: ["rbac", "control-plane"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["W9", "A10", "T7"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Whose certificate says no more than `os:reader` can no longer change a machine.",
    onlyNamed: true,
    edits: (_file, _system, judgement) => wordAt(judgement, "false|no|off", "true"),
  },

  check(file) {
    return onMachine(file, (machine) => {
      if (machine.apiRoles.kind === "unstated") return notApplicable("it is not stated, and Talos decides");
      return demand(machine.apiRoles, (on) => on, { what: "`features.rbac`" });
    });
  },
});
