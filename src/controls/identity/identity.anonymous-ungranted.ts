/**
 * A right that everybody has is no right but a hole.
 *
 * Reads:  grant.kubernetes: role, rules, holders
 * Passes: no role is given to whoever comes without a name, to everybody with one, or to all accounts.
 */
import type { ItemVerdicts, Judgement, Severity } from "../../contracts/verdict.ts";
import type { AccessHolder, RoleExtension } from "../../facts/extensions-cluster.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { crowdOf, heldRole, holderName, powersOf } from "../knowledge/cluster-access.ts";

/** What every cluster gives to everybody by itself. Source: Kubernetes documentation "Using RBAC Authorization". */
const harmless = new Set([
  "ClusterRole/system:public-info-viewer",
  "ClusterRole/system:discovery",
  "ClusterRole/system:basic-user",
  "ClusterRole/system:service-account-issuer-discovery",
]);

export const anonymousUngranted = defineControl({
  id: "identity.anonymous-ungranted",
  on: "grant",
  severity: "high",
  title: "No role is given to everybody",
  claim: "Nobody has rights in the cluster without a name of their own.",
  threat:
    "Whoever reaches the API server, or whatever pod they take over, has the right: there is no account to look for afterwards.",
  remedy: "Remove the binding, and bind the role to the accounts that use it.",
  judged:
    "One judgement for each group of the kind: `system:anonymous`, `system:unauthenticated`, `system:authenticated`, `system:serviceaccounts` and those of one namespace. Critical when the role leads to everything and needs no name; high when it needs none, or leads to much; medium otherwise. The roles by which a cluster tells of itself (`system:discovery`, `system:public-info-viewer`) pass.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.1", "5.1.5"],
    nsaKubernetes: ["anonymous-access", "rbac"],
    owaspKubernetes: ["K02", "K09"],
    zeroTrust: ["3", "6"],
    nistCsf: ["PR.AA-03", "PR.AA-05"],
    coverage: ["A10"],
  },
  exposureMatters: false,

  check(grant): Judgement | readonly Judgement[] {
    const role = heldRole(grant);
    if (role === undefined) return notApplicable("nobody here holds it");
    if (harmless.has(role.role)) return pass("it is what every cluster tells everybody");
    const found = role.holders.items.flatMap((holder) => {
      const crowd = crowdOf(holder);
      return crowd === undefined ? [] : [judge(holder, crowd, role)];
    });
    if (found.length > 0) return found;
    const { holders } = role;
    return holders.complete
      ? pass("it is given to nobody but those who are named")
      : cannotTell("whether it is given to everybody", holders.why, { place: holders.place });
  },
});

function judge(holder: AccessHolder, crowd: string, role: RoleExtension): Judgement {
  const powers = powersOf(role.rules.items);
  const may = powers.length === 0 ? "" : `, who may ${listed(powers.map(({ clause }) => clause))}`;
  return fail(`${holder.binding} gives ${role.role} to ${holderName(holder)}: ${crowd}${may}`, {
    place: holder.place,
    detail: `${holder.name} ${holder.within ?? ""}`,
    severity: severityOf(holder, role),
    items: itemsFailed(holder, role),
  });
}

function severityOf(holder: AccessHolder, role: RoleExtension): Severity {
  const { name } = holder;
  const nameless = name === "system:anonymous" || name === "system:unauthenticated";
  if (nameless) return ownsCluster(holder, role) ? "critical" : "high";
  return powersOf(role.rules.items).length === 0 ? "medium" : "high";
}

function ownsCluster({ within }: AccessHolder, { rules }: RoleExtension): boolean {
  return powersOf(rules.items)[0]?.grade === "cluster" && within === undefined;
}

/** The benchmark asks who is an administrator, and what accounts have that nobody made for a program. */
function itemsFailed(holder: AccessHolder, role: RoleExtension): ItemVerdicts {
  const failed = [
    ...(ownsCluster(holder, role) ? ["5.1.1"] : []),
    ...(holder.name.startsWith("system:serviceaccounts") ? ["5.1.5"] : []),
  ];
  return { cisKubernetes: new Map(failed.map((item) => [item, "fail"])) };
}
