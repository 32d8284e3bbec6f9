/**
 * Some rights look small and are all the others in disguise.
 *
 * Reads:  grant.kubernetes: rules, holders; principal.kubernetes.uses
 * Passes: the role gives none of them.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { AccessHolder, RoleExtension } from "../../facts/extensions-cluster.ts";
import type { System } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { fail, notApplicable, pass } from "../judge.ts";
import {
  crowdOf,
  givesEverything,
  heldRole,
  ifWhole,
  isOfCluster,
  type Power,
  powersOf,
  severityFor,
  worst,
} from "../knowledge/cluster-access.ts";

export const escalationUngranted = defineControl({
  id: "identity.escalation-ungranted",
  on: "grant",
  severity: "medium",
  title: "Nobody may give themselves more rights",
  claim: "No account has a right by which it could take others.",
  threat:
    "`escalate` and `bind` give any role, `impersonate` lets one act as anybody, a token can be made for any account, a pod can be started with the node's disk: each is a way to cluster-admin.",
  remedy:
    "Take the rule away, or limit it: `resourceNames` for `bind`, `impersonate` and tokens, a RoleBinding in one namespace for pods. Let namespaces enforce a Pod Security level, so that who may create pods cannot create privileged ones.",
  judged:
    "One judgement for each role that somebody holds, with all that it gives. Medium for `escalate` and `bind` on roles, `impersonate`, `create` on `serviceaccounts/token`, `nodes/proxy`, approval of certificate requests; low for webhook configurations, `pods/exec`, creating pods and what makes them, and creating persistent volumes, in the whole cluster; low within one namespace, where only the first three count.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.4", "5.1.8", "5.1.9", "5.1.10", "5.1.11", "5.1.12", "5.1.13"],
    nsaKubernetes: ["rbac"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["A10"],
  },

  check(grant, system): Judgement {
    const role = heldRole(grant);
    if (role === undefined) return notApplicable("nobody here holds it");
    if (givesEverything(role.rules.items)) return notApplicable("identity.cluster-admin-few reports it");
    const found = role.holders.items.flatMap((holder) => givenTo(holder, role, system));
    const [first] = found;
    if (first === undefined) {
      const harmless = powersOf(role.rules.items).every(({ id }) => id === "secrets");
      if (role.rules.complete && (harmless || role.holders.complete))
        return pass("it gives no right that leads to others");
      return ifWhole(role, "whether it gives rights that lead to others", "it gives none");
    }
    const clauses = [...new Set(found.flatMap(({ powers }) => powers.map(({ clause }) => clause)))];
    const names = [...new Set(found.map(({ holder }) => `${holder.kind} ${holder.name}`))];
    const rule = role.rules.items.find((each) => first.powers[0]?.gives(each));
    return fail(`${role.role} lets ${listed(names)} ${listed(clauses)}`, {
      severity: worst(found.map(({ severity }) => severity)),
      ...(rule === undefined ? {} : { place: rule.place }),
    });
  },
});

interface Given {
  readonly holder: AccessHolder;
  readonly powers: readonly Power[];
  readonly severity: Severity;
}

function givenTo(holder: AccessHolder, { rules }: RoleExtension, system: System): readonly Given[] {
  if (crowdOf(holder) !== undefined || isOfCluster(holder)) return [];
  const everywhere = holder.within === undefined;
  // identity.secrets-read-by-few tells of secrets.
  const powers = powersOf(rules.items).filter(({ id, inNamespace }) => id !== "secrets" && (everywhere || inNamespace));
  if (powers.length === 0) return [];
  const base: Severity = everywhere && powers.some(({ grade }) => grade === "cluster") ? "medium" : "low";
  return [{ holder, powers, severity: everywhere ? severityFor(holder, base, system) : "low" }];
}
