/**
 * A door to the street, and behind it the key of the whole cluster.
 *
 * Reads:  the graph of reach, principal.kubernetes.uses, grant.kubernetes: rules, holders (of the workload's account)
 * Passes: outside reaches no workload whose token gives the cluster away.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Principal, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { type Power, rightsOf } from "../knowledge/cluster-access.ts";
import { productOf } from "../knowledge/products.ts";

export const exposedAccountContained = defineControl({
  id: "identity.exposed-account-contained",
  on: "workload",
  severity: "critical",
  title: "What can be reached from outside cannot take over the cluster",
  claim: "No workload that outside can reach holds a token that leads to the whole cluster.",
  threat:
    "One fault in the program leads from the internet to the token in its pod, and with that to every secret, every pod and every node.",
  remedy:
    "Give the program an account of its own with the rights that it uses, or none: `automountServiceAccountToken: false`. What must have wide rights (an operator, a dashboard) goes behind a sign-in, or is not routed to at all.",
  judged:
    "Fails when a Service, a host port or a route leads from outside to a workload in which the token of an account is mounted, and the account's roles together give a way to the whole cluster: critical where they own it (cluster-admin, `escalate`, `impersonate`, tokens of others, `nodes/proxy`), high where they are most of the way (every secret, creating pods or running commands anywhere). A proxy that reads secrets for its certificates fails at low. Unknown when the token or a role cannot be resolved.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.1.1", "5.1.2", "5.1.6"],
    nsaKubernetes: ["rbac", "service-account-tokens"],
    owaspKubernetes: ["K02", "K06"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05", "PR.IR-01"],
    coverage: ["A10", "N12"],
  },
  exposureMatters: false,

  check(workload, system): Judgement {
    if (workload.platform !== "kubernetes") return notApplicable("not a pod");
    const used = accountOf(workload, system);
    if (used === undefined) return notApplicable("its account is given no role here");
    const { token, principal } = used;
    if (knownValue(token) === false) return pass("its account's token is not mounted", token.place);
    const { powers, roles, doubt } = rightsOf(principal, system);
    const grave = powers.filter(({ grade }) => grade !== "weak");
    const { exposure, why } = system.reach.exposure(workload);
    const reached = exposure === "published" || exposure === "proxied";
    if (grave.length === 0) return withoutPowers(doubt, reached);
    if (!reached) return pass("nothing leads to it from outside", workload.place);
    if (token.kind === "unknown")
      return cannotTell("whether its account's token is mounted", token.why, { severity: "medium" });
    const account = principal.kubernetes?.name ?? "";
    return fail(
      `it can be reached from outside (${why}), and its account ${account} may ${listed(grave.map(({ clause }) => clause))} (${listed(roles)})`,
      { severity: severityOf(grave, workload, system) },
    );
  },
});

function withoutPowers(doubt: string | undefined, reached: boolean): Judgement {
  if (doubt === undefined || !reached) return pass("its account has no right that leads to the whole cluster");
  return cannotTell("what its account may do", doubt, { severity: "info" });
}

function severityOf(powers: readonly Power[], workload: Workload, system: System): Severity {
  if (powers.some(({ grade }) => grade === "cluster")) return "critical";
  const own = powers.every(({ id }) => id === "secrets") && productOf(workload, system).roles.has("proxy");
  return own ? "low" : "high";
}

const cache = new WeakMap<System, ReadonlyMap<string, Used>>();

interface Used {
  readonly principal: Principal;
  readonly token: NonNullable<Principal["kubernetes"]>["uses"]["items"][number]["token"];
}

/** The account as which a workload acts. */
function accountOf(workload: Workload, system: System): Used | undefined {
  const known =
    cache.get(system) ??
    new Map(
      system
        .all("principal")
        .flatMap((principal) =>
          (principal.kubernetes?.uses.items ?? []).map(
            (use) => [use.workload.name, { principal, token: use.token }] as const,
          ),
        ),
    );
  cache.set(system, known);
  return known.get(workload.ref.name);
}
