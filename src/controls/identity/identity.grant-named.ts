/**
 * A wildcard gives what nobody thought of, and what the next version brings.
 *
 * Reads:  grant.kubernetes: rules, holders; principal.kubernetes.uses
 * Passes: the role names its verbs and resources.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { AccessRule } from "../../facts/extensions-cluster.ts";
import { defineControl } from "../define.ts";
import { fail, notApplicable } from "../judge.ts";
import { givesEverything, heldRole, ifWhole, isUnseen, severityFor, worst } from "../knowledge/cluster-access.ts";

export const grantNamed = defineControl({
  id: "identity.grant-named",
  on: "grant",
  severity: "low",
  title: "Roles name their verbs and resources",
  claim: "No role that somebody holds gives rights by wildcards.",
  threat: "`*` includes secrets, the right to run commands, and whatever kind of object is added later.",
  remedy: "List the verbs (`get`, `list`, `watch`, …) and resources that the program uses.",
  judged:
    "One judgement for each role that somebody holds. Fails for `*` among verbs or resources: at low, at medium where it gives the right to change every resource of the cluster's own groups. `*` for all verbs on named resources of one API group that is not the cluster's own passes: those are an operator's own kinds. What allows everything is reported by identity.cluster-admin-few.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.3"],
    nsaKubernetes: ["rbac"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["A10"],
  },

  check(grant, system): Judgement {
    const role = heldRole(grant);
    if (role === undefined) return notApplicable("nobody here holds it");
    if (isUnseen(role))
      return notApplicable("its rules are not among the files; identity.escalation-ungranted says so");
    if (role.builtIn) return notApplicable("it is a role of every cluster");
    if (givesEverything(role.rules.items)) return notApplicable("identity.cluster-admin-few reports it");
    const wide = role.rules.items.filter(isWide);
    const [first] = wide;
    if (first !== undefined) {
      const base =
        wide.some(changesEverything) && role.holders.items.some((each) => each.within === undefined) ? "medium" : "low";
      const severity = worst(role.holders.items.map((holder) => severityFor(holder, base, system)));
      return fail(`${role.role} gives ${described(first)}`, { place: first.place, severity });
    }
    return ifWhole(role, "whether it gives rights by wildcards", "it names its verbs and resources");
  },
});

function isWide(rule: AccessRule): boolean {
  if (rule.resources.length === 0) return false;
  if (rule.resources.includes("*")) return rule.groups.some(isClusters) || rule.verbs.includes("*");
  return rule.verbs.includes("*") && rule.groups.some(isClusters);
}

/** A group of the API that every cluster has: the core, `apps`, those under k8s.io; or all. */
function isClusters(group: string): boolean {
  return group === "*" || !group.includes(".") || /(?:^|\.)k8s\.io$/.test(group);
}

function changesEverything({ verbs, resources, groups }: AccessRule): boolean {
  const changes = verbs.some((verb) => verb === "*" || /^(?:create|update|patch|delete)$/.test(verb));
  return changes && resources.includes("*") && groups.some((group) => group === "*" || group === "");
}

function described({ verbs, resources, groups }: AccessRule): string {
  const what = verbs.includes("*") ? "every verb" : verbs.join(", ");
  const on = resources.includes("*") ? "every resource" : resources.join(", ");
  const shown = groups.map((group) => (group === "" ? "the core group" : group));
  const of = groups.includes("*") ? "every group" : shown.join(", ");
  return `${what} on ${on} of ${of}`;
}
