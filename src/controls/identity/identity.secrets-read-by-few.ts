/**
 * Whoever may list the secrets of a cluster has every password and token in it.
 *
 * Reads:  grant.kubernetes: rules, holders
 * Passes: nobody may read the secrets of all namespaces.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { AccessHolder, RoleExtension } from "../../facts/extensions-cluster.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { fail, notApplicable, pass } from "../judge.ts";
import { crowdOf, givesEverything, heldRole, ifWhole, isUnseen, powersOf } from "../knowledge/cluster-access.ts";

export const secretsReadByFew = defineControl({
  id: "identity.secrets-read-by-few",
  on: "grant",
  severity: "low",
  title: "Few may read every secret",
  claim: "No account may read the secrets of the whole cluster.",
  threat:
    "The tokens of other accounts, database passwords and TLS keys are all secrets: reading them is as good as most of the rights that they stand for.",
  remedy:
    "Bind the role in the namespaces that it is for (RoleBinding), or name the secrets (`resourceNames`). `list` and `watch` give the contents as `get` does.",
  judged:
    "One judgement for each role that somebody holds. Fails when it gives `get`, `list` or `watch` on secrets in all namespaces, without names: at low, for controllers of certificates, secrets and routes need it. Within a namespace it passes.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.2"],
    nsaKubernetes: ["rbac", "secrets"],
    owaspKubernetes: ["K02", "K03"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["A10", "S9"],
  },

  check(grant): Judgement {
    const role = heldRole(grant);
    if (role === undefined) return notApplicable("nobody here holds it");
    if (isUnseen(role))
      return notApplicable("its rules are not among the files; identity.escalation-ungranted says so");
    if (givesEverything(role.rules.items)) return notApplicable("identity.cluster-admin-few reports it");
    const holders = everywhere(role);
    const reads = powersOf(role.rules.items).find((power) => power.id === "secrets");
    if (reads !== undefined && holders.length > 0) {
      const rule = role.rules.items.find((each) => reads.gives(each));
      const names = listed(holders.map(({ kind, name }) => `${kind} ${name}`));
      return fail(
        `${role.role} lets ${names} read every secret of the cluster`,
        rule === undefined ? {} : { place: rule.place },
      );
    }
    const harmless = reads === undefined || role.holders.complete;
    if (role.rules.complete && harmless) return pass("it lets nobody read the secrets of the whole cluster");
    return ifWhole(role, "whether it lets somebody read every secret", "it lets nobody read them");
  },
});

function everywhere({ holders }: RoleExtension): readonly AccessHolder[] {
  return holders.items.filter((holder) => holder.within === undefined && crowdOf(holder) === undefined);
}
