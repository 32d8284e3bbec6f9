/**
 * What rights in a cluster come to in the hands of somebody who means harm.
 *
 * Sources: CIS Kubernetes Benchmark 5.1; Kubernetes documentation "Role Based Access Control Good Practices", privilege
 * escalation risks.
 */

import { compareSeverity, type Judgement, type Severity } from "../../contracts/verdict.ts";
import type { AccessHolder, AccessRule, RoleExtension } from "../../facts/extensions-cluster.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Grant, Principal } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { cannotTell, pass } from "../judge.ts";

/** A right that leads further than it says. */
export interface Power {
  readonly id: string;
  /** A clause: `read every secret`. */
  readonly clause: string;
  /** `cluster`: whoever holds it everywhere owns the cluster. `strong`: most of the way. `weak`: with something besides. */
  readonly grade: "cluster" | "strong" | "weak";
  /** Whether it is worth a word where it holds within one namespace. */
  readonly inNamespace: boolean;
  readonly gives: (rule: AccessRule) => boolean;
}

const rbac = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";
const workloadKinds = ["deployments", "daemonsets", "statefulsets", "replicasets"];

/** From the worst to the least. */
export const powers: readonly Power[] = [
  {
    id: "everything",
    clause: "do everything",
    grade: "cluster",
    inNamespace: true,
    gives: (rule) => rule.verbs.includes("*") && rule.resources.includes("*") && rule.groups.includes("*"),
  },
  power("escalate", "give itself any right", "cluster", true, ["escalate", "bind"], rbac, ["roles", "clusterroles"]),
  power("impersonate", "act as others", "cluster", true, ["impersonate"], "", ["users", "groups", "serviceaccounts"]),
  power("tokens", "make tokens of other accounts", "cluster", true, ["create"], "", ["serviceaccounts/token"]),
  power("nodes", "run commands in every pod by way of the nodes", "cluster", false, ["get", "create"], "", [
    "nodes/proxy",
  ]),
  power(
    "certificates",
    "approve certificates for anybody",
    "cluster",
    false,
    ["update", "patch"],
    "certificates.k8s.io",
    ["certificatesigningrequests/approval"],
  ),
  power("webhooks", "change what others create", "strong", false, ["create", "update", "patch"], admission, [
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
  ]),
  power("secrets", "read every secret", "strong", false, ["get", "list", "watch"], "", ["secrets"]),
  power("exec", "run commands in every pod", "strong", false, ["create"], "", ["pods/exec", "pods/attach"]),
  power("pods", "start pods", "strong", false, ["create"], "", ["pods"]),
  power("workloads", "start pods by what makes them", "strong", false, ["create"], "apps", workloadKinds),
  power("volumes", "make volumes of the nodes' folders", "weak", false, ["create"], "", ["persistentvolumes"]),
];

function power(
  id: string,
  clause: string,
  grade: Power["grade"],
  inNamespace: boolean,
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
): Power {
  const gives = (rule: AccessRule) =>
    rule.names.length === 0 &&
    verbs.some((verb) => has(rule.verbs, verb)) &&
    has(rule.groups, group) &&
    resources.some((resource) => takes(rule.resources, resource));
  return { id, clause, grade, inNamespace, gives };
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes(wanted) || list.includes("*");
}

/** A resource by its name, by a wildcard, or a part of one (`pods/exec`) by a wildcard before the slash. */
function takes(list: readonly string[], resource: string): boolean {
  if (has(list, resource)) return true;
  const slash = resource.indexOf("/");
  return slash !== -1 && list.includes(`*${resource.slice(slash)}`);
}

/** The powers that a role's rules give, the worst first; where they give everything, that alone. */
export function powersOf(rules: readonly AccessRule[]): readonly Power[] {
  const found = powers.filter((each) => rules.some((rule) => each.gives(rule)));
  return found[0]?.id === "everything" ? [found[0]] : found;
}

/** Whether a role gives everything, as cluster-admin does. */
export function givesEverything(rules: readonly AccessRule[]): boolean {
  return powersOf(rules)[0]?.id === "everything";
}

/** Whoever comes without a name, or everybody who has one. */
const crowds = new Map<string, string>([
  ["User system:anonymous", "whoever comes without a name"],
  ["Group system:unauthenticated", "whoever comes without a name"],
  ["Group system:authenticated", "everybody who has a name in the cluster, every pod too"],
  ["Group system:serviceaccounts", "every pod of the cluster"],
]);

/** In words, whom a holder stands for when that is more than one; undefined for one. */
export function crowdOf({ kind, name }: AccessHolder): string | undefined {
  const known = crowds.get(`${kind} ${name}`);
  if (known !== undefined) return known;
  const inNamespace = /^system:serviceaccounts:(.+)$/.exec(name)?.[1];
  return kind === "Group" && inNamespace !== undefined ? `every pod of the namespace ${inNamespace}` : undefined;
}

/** Whether a holder is a part of the cluster itself, which its own roles are made for. */
export function isOfCluster({ kind, name }: AccessHolder): boolean {
  if (kind === "ServiceAccount") return false;
  return (
    name.startsWith("system:") && name !== "system:anonymous" && crowdOf({ kind, name } as AccessHolder) === undefined
  );
}

/** In words: `the ServiceAccount media/plex`, `the Group admins`. */
export function holderName({ kind, name }: AccessHolder): string {
  return `the ${kind} ${name}`;
}

/**
 * How bad it is that one holder has a right: as bad as it is said for an account that pods act as, low for people and for
 * an account as which nothing runs. What outside can reach is told by identity.exposed-account-contained.
 */
export function severityFor(holder: AccessHolder, base: Severity, system: System): Severity {
  const low = compareSeverity(base, "low") < 0 ? base : "low";
  if (holder.kind !== "ServiceAccount") return low;
  const principal = system.get({ kind: "principal", system: system.name, name: `ServiceAccount ${holder.name}` });
  const uses = principal?.kubernetes?.uses;
  return uses?.complete === true && uses.items.length === 0 ? low : base;
}

/** The worst of several. */
export function worst(severities: readonly Severity[]): Severity {
  return severities.reduce((most, each) => (compareSeverity(each, most) > 0 ? each : most), "info");
}

/** What a grant says, when it is one of a cluster and somebody holds it, or may. */
export function heldRole({ kubernetes }: Grant): RoleExtension | undefined {
  if (kubernetes === undefined) return undefined;
  const { items, complete } = kubernetes.holders;
  return items.length === 0 && complete ? undefined : kubernetes;
}

/** Whether nothing is known of what a role allows, as of one that a chart brings. One control says so, and not four. */
export function isUnseen({ rules }: RoleExtension): boolean {
  return !rules.complete && rules.items.length === 0;
}

/**
 * What a role that nothing was found in comes to: `holds` where its rules were read whole and its holders too, as far as
 * they matter; otherwise that `question` cannot be told.
 */
export function ifWhole({ rules, holders }: RoleExtension, question: string, holds: string): Judgement {
  const extras = { severity: "info" } as const;
  if (!rules.complete) return cannotTell(question, rules.why, { ...extras, place: rules.place });
  if (!holders.complete)
    return cannotTell(`who holds it, and so ${question}`, holders.why, { ...extras, place: holders.place });
  return pass(holds);
}

interface AccountRights {
  readonly powers: readonly Power[];
  readonly roles: readonly string[];
  /** Why there may be more. */
  readonly doubt: string | undefined;
}

interface RightsOfCluster {
  readonly byHolder: ReadonlyMap<string, AccountRights>;
  /** Why anybody may hold more: a binding whose subjects cannot be resolved. */
  readonly doubt: string | undefined;
}

const rightsOfCluster = oncePerSystem(gatherRights);

/** What an account may do in the whole cluster, by all of its roles together. */
export function rightsOf(principal: Principal, system: System): AccountRights {
  const known = rightsOfCluster(system);
  const own = known.byHolder.get(principal.ref.name) ?? { powers: [], roles: [], doubt: undefined };
  return { ...own, doubt: own.doubt ?? known.doubt };
}

function gatherRights(system: System): RightsOfCluster {
  const found = new Map<string, AccountRights>();
  let hidden: string | undefined;
  for (const { kubernetes: role } of system.all("grant")) {
    if (role === undefined) continue;
    if (!role.holders.complete) hidden ??= role.holders.why;
    const given = powersOf(role.rules.items);
    const doubt = role.rules.complete ? undefined : role.rules.why;
    for (const holder of role.holders.items) {
      if (holder.within !== undefined) continue;
      const key = `${holder.kind} ${holder.name}`;
      const before = found.get(key);
      found.set(key, {
        powers: [...new Set([...(before?.powers ?? []), ...given])],
        roles: [...(before?.roles ?? []), ...(given.length > 0 ? [role.role] : [])],
        doubt: before?.doubt ?? doubt,
      });
    }
  }
  return { byHolder: found, doubt: hidden };
}
