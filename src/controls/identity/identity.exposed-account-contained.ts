/**
 * A door to the street, and behind it the key of the whole cluster.
 *
 * Reads:  the graph of reach, principal.kubernetes.uses, grant.kubernetes: rules, holders (of the workload's account)
 * Passes: outside reaches no workload whose token gives the cluster away.
 */

import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Principal, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { append } from "../../lib/append.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { type Power, rightsOf } from "../knowledge/cluster-access.ts";
import { productOf } from "../knowledge/products.ts";
import { type Guard, guardBefore } from "../knowledge/sign-in.ts";

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
    "Fails when a Service, a host port or a route leads from outside to a workload in which the token of an account is mounted, and the account's roles together give a way to the whole cluster: critical where they own it (cluster-admin, `escalate`, `impersonate`, tokens of others, `nodes/proxy`), high where they are most of the way (every secret, creating pods or running commands anywhere); one step less where it cannot be told whether a published port is reached, where it is published to stated networks only, and where every route to it demands a sign-in, of the proxy or of a service that the proxy asks, and two where every one demands a second factor. That a proxy reads secrets, for its certificates, is left to identity.secrets-read-by-few. Unknown when the token or a role cannot be resolved.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["rbac", "service-account-tokens"],
    owaspKubernetes: ["K02", "K06"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05", "PR.IR-01"],
    coverage: ["A10", "N12"],
  },
  exposureMatters: false,
  folds: [
    { control: "identity.authentication-on" },
    { control: "identity.admin-interface-unpublished" },
    { control: "edge.management-audience-limited" },
    { control: "edge.login-rate-limited" },
    { control: "network.only-proxy-publishes" },
  ],

  check(workload, system): Judgement {
    if (workload.platform !== "kubernetes") return notApplicable("not a pod");
    const used = accountsOf(workload, system);
    const [first] = used;
    if (first === undefined) return notApplicable("its account is not described here");
    const { token } = first;
    if (knownValue(token) === false) return pass("its account's token is not mounted", token.place);
    const rights = used.map(({ principal }) => rightsOf(principal, system));
    const doubt = rights.find((each) => each.doubt !== undefined)?.doubt;
    const grave = rights.flatMap(({ powers }) => powers).filter((power) => isGrave(power, workload, system));
    const { exposure, why, inDoubt, limited } = system.reach.exposure(workload);
    const reached = exposure === "published" || exposure === "proxied";
    if (grave.length === 0) return withoutPowers(doubt, reached);
    if (!reached) return pass("nothing leads to it from outside", workload.place);
    if (token.kind === "unknown")
      return cannotTell("whether its account's token is mounted", token.why, { severity: "medium" });
    const may = listed(grave.map(({ clause }) => clause));
    const roles = listed([...new Set(rights.flatMap((each) => each.roles))]);
    return fail(
      `it ${inDoubt ? "may" : "can"} be reached from outside (${why}), and its account ${first.principal.kubernetes?.name ?? ""} may ${may} (${roles})`,
      {
        severity: severityOf(
          grave,
          exposure === "proxied" ? guardBefore(workload, system) : "none",
          (inDoubt ?? limited) === true,
        ),
      },
    );
  },
});

function isGrave({ id, grade }: Power, workload: Workload, system: System): boolean {
  if (grade === "weak") return false;
  return id !== "secrets" || !productOf(workload, system).roles.has("proxy");
}

function withoutPowers(doubt: string | undefined, reached: boolean): Judgement {
  if (doubt === undefined || !reached) return pass("its account has no right that leads to the whole cluster");
  return cannotTell("what its account may do", doubt, { severity: "info" });
}

function severityOf(powers: readonly Power[], guard: Guard, inDoubt: boolean): Severity {
  const owns = powers.some(({ grade }) => grade === "cluster");
  if (guard === "two-factor") return owns ? "medium" : "low";
  if (guard === "sign-in") return owns ? "high" : "medium";
  if (inDoubt) return owns ? "high" : "medium";
  return owns ? "critical" : "high";
}

interface Used {
  readonly principal: Principal;
  readonly token: Fact<boolean>;
}

const gathered = oncePerSystem(gatherAccounts);

/** The accounts as which a workload acts: one, or two where its files leave the namespace open. */
function accountsOf(workload: Workload, system: System): readonly Used[] {
  return gathered(system).get(workload.ref.name) ?? [];
}

function gatherAccounts(system: System): ReadonlyMap<string, readonly Used[]> {
  const found = new Map<string, Used[]>();
  for (const principal of system.all("principal")) {
    for (const { workload, token } of principal.kubernetes?.uses.items ?? [])
      append(found, workload.name, { principal, token });
  }
  return found;
}
