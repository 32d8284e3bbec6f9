/**
 * A pod with the machines' API in hand is not in the cluster any more: it is above it.
 *
 * Reads:  repository-file.configuration (Talos: kubernetesTalosAPIAccess)
 * Passes: pods may not use the machines' API, or only with roles that cannot change a machine.
 */
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny } from "../judge.ts";
import { onMachine } from "../knowledge/talos.ts";

/** docs: talos.dev, Role-based access control. */
const powers: ReadonlyMap<string, { readonly severity: "high" | "medium"; readonly what: string }> = new Map(
  Object.entries({
    "os:admin": { severity: "high", what: "do everything that an administrator can" },
    "os:operator": { severity: "medium", what: "restart machines and services" },
    "os:etcd:backup": { severity: "medium", what: "copy the cluster's database, with its Secrets" },
  }),
);

export const machineApiPodsLimited = defineControl({
  id: "identity.machine-api-pods-limited",
  on: "repository-file",
  software: ["talos"],
  severity: "high",
  title: "Pods are no administrators of the machines",
  claim: "No pod can take on a role that changes machines or reads their secrets.",
  threat:
    "Whoever can create a pod or a service account of Talos's in an allowed namespace owns every machine of the cluster: a broken build job is enough.",
  remedy:
    "Allow `os:reader` alone, or take the access away. Where an upgrade controller needs more, allow a namespace that holds nothing else, and let nobody else create pods there.",
  judged:
    "Where pods may use the machines' API (`machine.features.kubernetesTalosAPIAccess`, KubeTalosAPIAccessConfig): fails high for the role `os:admin`, medium for `os:operator` and `os:etcd:backup`. `os:reader` passes. Unknown when a role cannot be told.",
  frameworks: {
    nsaKubernetes: ["rbac", "control-plane"],
    owaspKubernetes: ["K02", "K06"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["W9", "A10", "T7"],
  },
  exposureMatters: false,

  check(file) {
    return onMachine(file, (machine) => {
      const { podRoles, podNamespaces } = machine;
      const where = podNamespaces.items.length === 0 ? "" : ` of ${listed(podNamespaces.items)}`;
      return forbidAny(
        podRoles,
        ({ role, place }) => {
          const power = powers.get(role);
          if (power === undefined) return undefined;
          const message = `pods${where} may take on the role ${role}, with which they ${power.what}`;
          return fail(message, { place, detail: role, severity: power.severity });
        },
        { what: "the list of roles that pods may take on", none: "pods cannot change a machine" },
      );
    });
  },
});
