/**
 * Whoever holds cluster-admin holds every node, every secret and every volume.
 *
 * Reads:  grant.kubernetes: role, rules, holders; principal.kubernetes: uses, lastingTokens
 * Passes: nobody but the cluster's own parts may do everything.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { AccessHolder, RoleExtension } from "../../facts/extensions-cluster.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { crowdOf, givesEverything, heldRole, holderName, isUnseen, severityFor } from "../knowledge/cluster-access.ts";

export const clusterAdminFew = defineControl({
  id: "identity.cluster-admin-few",
  on: "grant",
  severity: "medium",
  title: "Few may do everything in the cluster",
  claim: "No account that pods act as may do everything in the cluster.",
  threat:
    "The token lies in the pod: whoever takes over the program reads every secret and starts what they like on every node.",
  remedy:
    "Give the account a role with the rights that it uses. `kubectl auth can-i --list --as system:serviceaccount:NAMESPACE:NAME` shows what it has; the program's own documentation or chart says what it needs. What deploys for others can act as an account of the namespace that it deploys to.",
  judged:
    "One judgement for each holder of cluster-admin, or of a role that allows every verb on every resource of every group. Fails at medium for an account (what outside can reach of it is told by identity.exposed-account-contained); and for one as which nothing here runs but of which a Secret keeps a token that never ends (`type: kubernetes.io/service-account-token`); at low for a user or a group, for another account as which nothing here runs, within one namespace, and for the controllers of Flux and Argo CD, which apply whatever is written.",
  limits: "Who is in a group, and who holds a user's certificate, is not in these files.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.1", "5.1.7"],
    nsaKubernetes: ["rbac"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["A10"],
  },

  check(grant, system): Judgement | readonly Judgement[] {
    const role = heldRole(grant);
    if (role === undefined) return notApplicable("nobody here holds it");
    if (isUnseen(role))
      return notApplicable("its rules are not among the files; identity.escalation-ungranted says so");
    if (!givesEverything(role.rules.items)) {
      return role.rules.complete
        ? pass("it does not allow everything")
        : cannotTell("whether it allows everything", role.rules.why, { place: role.rules.place, severity: "info" });
    }
    const holders = role.holders.items.filter((holder) => crowdOf(holder) === undefined);
    if (holders.length === 0) {
      return role.holders.complete
        ? notApplicable("identity.anonymous-ungranted reports who holds it")
        : cannotTell("who may do everything", role.holders.why, { place: role.holders.place });
    }
    return holders.map((holder) => judge(holder, role, system));
  },
});

function judge(holder: AccessHolder, role: RoleExtension, system: System): Judgement {
  const { within, binding, place } = holder;
  const where = within === undefined ? "in the cluster" : `in the namespace ${within}`;
  const [token] = within === undefined ? lastingTokensOf(holder, system) : [];
  const message = `${binding} lets ${holderName(holder)} do everything ${where} (${role.role})`;
  const extras = { place, detail: `${holder.kind} ${holder.name} ${within ?? ""}` };
  if (token === undefined) return fail(message, { ...extras, severity: severityOf(holder, system) });
  const [namespace = "", name = ""] = holder.name.split("/");
  return fail(`${message}, and the Secret ${token.secret} keeps a token of it that never ends`, {
    ...extras,
    severity: "medium",
    remedy: `Delete the Secret ${token.secret}, which ends its token, and ask for one when it is needed: \`kubectl -n ${namespace} create token ${name} --duration=1h\`. For daily work give an account that reads only (ClusterRole \`view\`).`,
  });
}

/** Whoever once saw such a token, in a terminal, a browser or a backup, may use it until the Secret is deleted. */
function lastingTokensOf({ kind, name }: AccessHolder, system: System) {
  if (kind !== "ServiceAccount") return [];
  const account = system.get({ kind: "principal", system: system.name, name: `ServiceAccount ${name}` });
  return account?.kubernetes?.lastingTokens ?? [];
}

function severityOf(holder: AccessHolder, system: System): Severity {
  if (holder.within !== undefined || isDeployer(holder)) return "low";
  return severityFor(holder, "medium", system);
}

/** Source: Flux documentation "Security", controller permissions; Argo CD documentation "Security", cluster RBAC. */
function isDeployer({ kind, name }: AccessHolder): boolean {
  return (
    kind === "ServiceAccount" &&
    /^flux-system\/(?:kustomize-controller|helm-controller|flux-operator|flux)$|^argocd\/argocd-application-controller$/.test(
      name,
    )
  );
}
