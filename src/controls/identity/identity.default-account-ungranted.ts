/**
 * What is given to the account named "default" is given to every pod that nobody thought about.
 *
 * Reads:  principal.roles, principal.kubernetes
 * Passes: the account "default" of a namespace holds no role.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { rightsOf } from "../knowledge/cluster-access.ts";

export const defaultAccountUngranted = defineControl({
  id: "identity.default-account-ungranted",
  on: "principal",
  severity: "low",
  title: "Default accounts hold no roles",
  claim: "No role is given to the default account of a namespace.",
  threat:
    "Every pod of the namespace that names no account acts as it, those too that have no business with the API: each of them holds the token.",
  remedy:
    "Make an account for the program (`kind: ServiceAccount`), bind the role to that, and name it in the pod: `serviceAccountName`.",
  judged:
    "Fails when a role is bound to the account `default`: at medium where its rights lead to others in the whole cluster, at low otherwise.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.5"],
    nsaKubernetes: ["rbac", "service-account-tokens"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["A10"],
  },
  exposureMatters: false,

  check(principal, system): Judgement {
    const { kubernetes: account, roles } = principal;
    if (account?.kind !== "ServiceAccount" || account.name !== "default")
      return notApplicable("it is no default account");
    if (roles.items.length > 0) {
      const grave = rightsOf(principal, system).powers.length > 0;
      return fail(`the default account of ${account.namespace} holds ${listed(roles.items)}`, {
        place: roles.place,
        severity: grave ? "medium" : "low",
      });
    }
    return roles.complete
      ? pass("it holds no role")
      : cannotTell("whether it holds a role", roles.why, { place: roles.place });
  },
});
