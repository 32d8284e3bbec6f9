import type { AccessHolder, AccessRule, AccountExtension, AccountUse } from "../../../../facts/extensions-cluster.ts";
import {
  complete,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
  whyUnknown,
} from "../../../../facts/fact.ts";
import type { AnySubject, Grant, Principal, Workload } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import { append } from "../../../../lib/append.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { type ClusterContext, fieldsOf, itemsIn, textIn, whyIncomplete } from "../context.ts";
import { isBuiltIn, rulesOf, rulesOfAbsent } from "./roles.ts";

const group = "rbac.authorization.k8s.io";

/** One binding's word: whom it gives which role. */
interface Bound {
  /** `ClusterRole/view`, `Role/media/plex`. */
  readonly role: string;
  readonly roleKind: string;
  readonly roleName: string;
  /** Whom; or why that cannot be told. */
  readonly holder: AccessHolder | { readonly why: string; readonly place: Place };
}

/**
 * Roles with those who hold them, and those who hold them with what runs as them.
 *
 * Source: Kubernetes documentation "Using RBAC Authorization": a RoleBinding gives a ClusterRole's rights within its own
 * namespace, a ClusterRoleBinding everywhere. `subjects`: the workloads of the cluster.
 */
export function readAccess(cluster: Cluster, subjects: readonly AnySubject[]): readonly (Grant | Principal)[] {
  const workloads = new Map(
    subjects.flatMap((subject) => (subject.kind === "workload" ? [[subject.ref.name, subject] as const] : [])),
  );
  const bound = [
    ...cluster.context.ofKind(group, "ClusterRoleBinding").flatMap((object) => boundBy(object, undefined)),
    ...cluster.context
      .ofKind(group, "RoleBinding")
      .flatMap((object) => boundBy(object, cluster.context.namespaceOf(object))),
  ];
  return [...grants(bound, cluster.context), ...principals(bound, cluster, workloads)];
}

function boundBy(object: KubernetesObject, namespace: string | undefined): readonly Bound[] {
  const fields = fieldsOf(object);
  const ref = fields.fields("roleRef");
  const isOpen = unresolvedIn(ref, ["kind", "name"]) !== undefined;
  const roleKind = isOpen ? "ClusterRole" : (textIn(ref, "kind") ?? "ClusterRole");
  const roleName = isOpen ? "?" : (textIn(ref, "name") ?? "?");
  const role = roleKind === "Role" ? `Role/${namespace}/${roleName}` : `ClusterRole/${roleName}`;
  const binding = `${object.kind}/${namespace === undefined ? "" : `${namespace}/`}${object.name}`;
  const shared = { role, roleKind, roleName };
  const hidden = whyIncomplete(fields, "subjects");
  const held = itemsIn(fields, "subjects").flatMap((subject): readonly Bound[] => {
    const holder = holderOf(subject, namespace, binding);
    return holder === undefined ? [] : [{ ...shared, holder }];
  });
  return hidden === undefined ? held : [...held, { ...shared, holder: { why: hidden, place: object.place } }];
}

function isKnown(holder: Bound["holder"]): holder is AccessHolder {
  return !("why" in holder);
}

function holderOf(subject: Fields, within: string | undefined, binding: string): Bound["holder"] | undefined {
  const kind = textIn(subject, "kind");
  const name = textIn(subject, "name");
  const hidden = subject.hidden ?? unresolvedIn(subject, ["kind", "name", "namespace"]);
  if (hidden !== undefined) return { why: hidden, place: subject.place };
  if (name === undefined || (kind !== "ServiceAccount" && kind !== "User" && kind !== "Group")) return undefined;
  // An account may be written as the user that it is to the API server.
  const asUser = kind === "User" ? /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) : null;
  const place = subject.node("name")?.place ?? subject.place;
  if (asUser !== null) return { kind: "ServiceAccount", name: `${asUser[1]}/${asUser[2]}`, within, binding, place };
  const full = kind === "ServiceAccount" ? `${textIn(subject, "namespace") ?? within ?? "default"}/${name}` : name;
  return { kind, name: full, within, binding, place };
}

/** Why a subject or a role cannot be told: something of its name is not resolved, or no text. */
function unresolvedIn(fields: Fields, keys: readonly string[]): string | undefined {
  return whyUnknown(keys.map((key) => fields.fact(key, asText, "a text", unstated)));
}

function grants(bound: readonly Bound[], context: ClusterContext): readonly Grant[] {
  const byRole = Map.groupBy(bound, ({ role }) => role);
  const written = [...context.ofKind(group, "ClusterRole"), ...context.ofKind(group, "Role")].map((object) => {
    const role =
      object.kind === "Role" ? `Role/${context.namespaceOf(object)}/${object.name}` : `ClusterRole/${object.name}`;
    const holders = byRole.get(role) ?? [];
    byRole.delete(role);
    const facts = { role, builtIn: isBuiltIn(object.kind, object.name), rules: rulesOf(object, context) };
    return grantOf(facts, holders, object.place, context);
  });
  const absent = [...byRole].map(([role, holders]) => {
    const [first] = holders;
    const place = first?.holder.place ?? { kind: "nowhere", why: "nobody is named" };
    const kind = first?.roleKind ?? "ClusterRole";
    const name = first?.roleName ?? "";
    const facts = { role, builtIn: isBuiltIn(kind, name), rules: rulesOfAbsent(kind, name, { context, place }) };
    return grantOf(facts, holders, place, context);
  });
  return [...written, ...absent];
}

function grantOf(
  role: { readonly role: string; readonly builtIn: boolean; readonly rules: FactList<AccessRule> },
  bound: readonly Bound[],
  place: Place,
  context: ClusterContext,
): Grant {
  const holders = bound.map(({ holder }) => holder).filter(isKnown);
  const hidden = bound.map(({ holder }) => holder).find((holder) => !isKnown(holder));
  const { rules } = role;
  const union = (of: (rule: AccessRule) => readonly string[]): FactList<string> => {
    const items = [...new Set(rules.items.flatMap(of))];
    return rules.complete ? complete(items, place) : incomplete(items, rules.why, place);
  };
  return {
    ...context.subject("grant", role.role, place),
    principal: holders.map(({ kind, name }) => `${kind} ${name}`).join(", "),
    verbs: union((rule) => rule.verbs),
    resources: union((rule) => rule.resources),
    kubernetes: {
      ...role,
      holders:
        hidden !== undefined && "why" in hidden ? incomplete(holders, hidden.why, place) : complete(holders, place),
    },
  };
}

function principals(
  bound: readonly Bound[],
  cluster: Cluster,
  workloads: ReadonlyMap<string, Workload>,
): readonly Principal[] {
  const { context } = cluster;
  const byHolder = Map.groupBy(
    bound.filter(({ holder }) => isKnown(holder)),
    ({ holder }) => (isKnown(holder) ? `${holder.kind} ${holder.name}` : ""),
  );
  const accounts = new Map<string, KubernetesObject>(
    context
      .ofKind("", "ServiceAccount")
      .map((object) => [`${context.namespaceOf(object)}/${object.name}`, object] as const),
  );
  const uses = usesByAccount(cluster, workloads, [...byHolder.keys()]);
  const tokens = lastingTokens(context);
  const names = new Set([
    ...[...accounts.keys(), ...uses.keys()].map((name) => `ServiceAccount ${name}`),
    ...byHolder.keys(),
  ]);
  return [...names].map((key) => {
    const [kind = "", name = ""] = splitOnce(key);
    const held = byHolder.get(key) ?? [];
    const object = kind === "ServiceAccount" ? accounts.get(name) : undefined;
    const used = uses.get(name) ?? [];
    const place = object?.place ?? held[0]?.holder.place ?? used[0]?.place ?? { kind: "nowhere", why: "only named" };
    const lasting = kind === "ServiceAccount" ? (tokens.get(name) ?? []) : [];
    return principalOf({ kind, name, held, used, lasting, place }, context);
  });
}

function splitOnce(key: string): readonly string[] {
  const at = key.indexOf(" ");
  return [key.slice(0, at), key.slice(at + 1)];
}

interface Named {
  readonly kind: string;
  readonly name: string;
  readonly held: readonly Bound[];
  readonly used: readonly PlacedUse[];
  readonly lasting: readonly LastingToken[];
  readonly place: Place;
}

function principalOf({ kind, name, held, used, lasting, place }: Named, context: ClusterContext): Principal {
  const slash = name.indexOf("/");
  const namespace = kind === "ServiceAccount" ? name.slice(0, slash) : undefined;
  const known = kind === "ServiceAccount" || kind === "Group" ? kind : "User";
  const [unseen] = namespace === undefined ? [] : context.unseenIn(namespace);
  const uses = used.map(({ use }) => use);
  return {
    ...context.subject("principal", `${kind} ${name}`, place),
    roles: complete([...new Set(held.map(({ role }) => role))], place),
    kubernetes: {
      kind: known,
      namespace,
      name: namespace === undefined ? name : name.slice(slash + 1),
      uses: unseen === undefined ? complete(uses, place) : incomplete(uses, `${unseen.what}: ${unseen.why}`, place),
      ...(lasting.length === 0 ? {} : { lastingTokens: lasting }),
    },
  };
}

type LastingToken = NonNullable<AccountExtension["lastingTokens"]>[number];

/**
 * Tokens that the cluster keeps in Secrets, by account.
 *
 * Source: Kubernetes documentation "Secrets", "ServiceAccount token Secrets": the annotation names the account of the same
 * namespace, and the token does not expire.
 */
function lastingTokens(context: ClusterContext): ReadonlyMap<string, readonly LastingToken[]> {
  const found = new Map<string, LastingToken[]>();
  for (const object of context.ofKind("", "Secret")) {
    const fields = fieldsOf(object);
    if (textIn(fields, "type") !== "kubernetes.io/service-account-token") continue;
    const account = textIn(fields.fields("metadata").fields("annotations"), "kubernetes.io/service-account.name");
    const namespace = context.namespaceOf(object);
    if (account === undefined) continue;
    append(found, `${namespace}/${account}`, { secret: `${namespace}/${object.name}`, place: object.place });
  }
  return found;
}

interface PlacedUse {
  readonly use: AccountUse;
  readonly place: Place;
}

/**
 * What runs as which account. Objects that state no namespace are applied to one that a binding of the same files names:
 * a pod of them runs as the account of its name there.
 */
function usesByAccount(
  { pods }: Cluster,
  workloads: ReadonlyMap<string, Workload>,
  holders: readonly string[],
): ReadonlyMap<string, readonly PlacedUse[]> {
  const bound = Map.groupBy(holders, (holder) => /^ServiceAccount [^/]*\/(.*)$/.exec(holder)?.[1]);
  const uses = new Map<string, PlacedUse[]>();
  for (const pod of pods) {
    const name = knownValue(pod.serviceAccount);
    if (name === undefined) continue;
    const use: PlacedUse = {
      use: { workload: pod.ref, token: tokenOf(pod, workloads) },
      place: pod.object.place,
    };
    const own = `${pod.namespace}/${name}`;
    append(uses, own, use);
    const elsewhere = (bound.get(name) ?? []).filter((holder) => holder !== `ServiceAccount ${own}`);
    const [only, another] = pod.object.namespace === undefined ? elsewhere : [];
    if (only !== undefined && another === undefined) append(uses, splitOnce(only)[1] ?? "", use);
  }
  return uses;
}

/** What the workload's own facts say, unless a volume brings the token whatever those say. */
function tokenOf(pod: ClusterPod, workloads: ReadonlyMap<string, Workload>): Fact<boolean> {
  if (pod.projectsToken) return stated(true, pod.object.place);
  const place = pod.object.place;
  return workloads.get(pod.ref.name)?.kubernetes?.tokenMounted ?? unknown("the workload is not described", place);
}
