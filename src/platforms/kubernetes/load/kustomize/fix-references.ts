/**
 * Makes references follow the objects that a kustomization renamed or moved to another namespace.
 * Source: kustomize v5.7.1, `api/filters/nameref/nameref.go`.
 */
import { child, type TreeNode } from "../../../../formats/tree.ts";
import { append } from "../../../../lib/append.ts";
import { scalar, textAt, textOf, withValue } from "../nodes.ts";
import { changeAt } from "./field-specs.ts";
import type { NameReference } from "./name-references.ts";
import { effectiveNamespace, isClusterWide, isOfKind, type KindSelector, type Resource } from "./resource.ts";

export function fixReferences(resources: readonly Resource[], rules: readonly NameReference[]): void {
  const referrals = new Referrals(resources);
  if (referrals.isEmpty) return;
  const byKind = rulesByKind(rules);
  for (const referrer of resources) {
    const own = byKind.get(referrer.original.kind) ?? [];
    for (const rule of [...own, ...(byKind.get("") ?? [])]) {
      if (isOfKind(referrer.original, rule.spec)) fix(referrer, rule, referrals);
    }
  }
}

interface Rule {
  readonly to: KindSelector;
  readonly path: readonly string[];
  readonly spec: KindSelector;
  /** Whether the path is that of the role which a binding names. */
  readonly isRole: boolean;
}

const known = new WeakMap<readonly NameReference[], ReadonlyMap<string, readonly Rule[]>>();

/** The rules by the kind that refers; made once for each list of rules. */
function rulesByKind(rules: readonly NameReference[]): ReadonlyMap<string, readonly Rule[]> {
  const made = known.get(rules) ?? byReferrer(rules);
  known.set(rules, made);
  return made;
}

function byReferrer(rules: readonly NameReference[]): ReadonlyMap<string, readonly Rule[]> {
  const byKind = new Map<string, Rule[]>();
  for (const { to, from } of rules) {
    for (const spec of from) {
      const isRole = spec.path.join("/") === "roleRef/name";
      append(byKind, spec.kind ?? "", { to, path: spec.path, spec, isRole });
    }
  }
  return byKind;
}

function fix(referrer: Resource, { to, path, isRole }: Rule, referrals: Referrals): void {
  const inRole = isRole ? roleRefOf(referrer) : undefined;
  const find = (name: string, namespace?: string): Resource | undefined =>
    referrals.find({ name, namespace, to, inRole, referrer });
  const change = (value: TreeNode | undefined): TreeNode | undefined => {
    if (value === undefined) return value;
    if (value.kind === "sequence") return { ...value, items: value.items.map((item) => change(item) ?? item) };
    return value.kind === "scalar" ? changeName(value, find) : changeNameAndNamespace(value, find);
  };
  const node = changeAt(referrer.node, path, undefined, change);
  if (node.kind === "mapping") referrer.node = node;
}

type Find = (name: string, namespace?: string) => Resource | undefined;

function changeName(value: TreeNode, find: Find): TreeNode {
  const name = textOf(value);
  const found = name === undefined ? undefined : find(name);
  return found === undefined || found.id.name === name ? value : scalar(found.id.name, value.place);
}

/** Subjects of a binding and services of a webhook, which name a namespace too. */
function changeNameAndNamespace(value: TreeNode, find: Find): TreeNode {
  const name = textAt(value, "name");
  if (value.kind !== "mapping" || name === undefined) return value;
  const found = find(name, textAt(value, "namespace"));
  if (found === undefined) return value;
  const place = child(value, "name")?.place ?? value.place;
  const renamed = found.id.name === name ? value : withValue(value, "name", scalar(found.id.name, place));
  const { namespace } = found.id;
  if (namespace === "" || namespace === textAt(value, "namespace")) return renamed;
  const metadata = child(child(found.node, "metadata"), "namespace");
  return withValue(renamed, "namespace", scalar(namespace, metadata?.place ?? place));
}

function roleRefOf(referrer: Resource): KindSelector | undefined {
  const role = child(referrer.node, "roleRef");
  const group = textAt(role, "apiGroup");
  const kind = textAt(role, "kind");
  return group === undefined || kind === undefined ? undefined : { group, kind };
}

interface Wanted {
  readonly name: string;
  /** That the reference states beside the name; undefined for none. */
  readonly namespace: string | undefined;
  readonly to: KindSelector;
  readonly inRole: KindSelector | undefined;
  readonly referrer: Resource;
}

/** The objects that had another id before, by every name that they had. */
class Referrals {
  readonly #byName = new Map<string, Resource[]>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      for (const name of new Set(resource.previous.map((id) => id.name))) append(this.#byName, name, resource);
    }
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** The one object that a reference means; undefined when none or several come into question. */
  find(wanted: Wanted): Resource | undefined {
    const { name, namespace, to, inRole, referrer } = wanted;
    let candidates = (this.#byName.get(name) ?? []).filter(
      (resource) =>
        resource.previous.some((id) => isOfKind(id, to)) &&
        (inRole === undefined || resource.previous.some((id) => isOfKind(id, inRole))) &&
        isReachable(referrer, resource),
    );
    if (namespace !== undefined) candidates = inNamespace(candidates, namespace);
    if (candidates.length > 1) candidates = candidates.filter((resource) => isInContext(referrer, resource, true));
    if (candidates.length > 1) candidates = candidates.filter((resource) => isInContext(referrer, resource, false));
    const [first] = candidates;
    const same = candidates.every(({ id }) => id.name === first?.id.name && id.namespace === first.id.namespace);
    return same ? first : undefined;
  }
}

/** Those that were in a namespace at first; failing any, those that are in it now. */
function inNamespace(candidates: readonly Resource[], namespace: string): Resource[] {
  const original = candidates.filter((resource) => effectiveNamespace(resource.original) === namespace);
  return original.length > 0 ? original : candidates.filter(({ id }) => effectiveNamespace(id) === namespace);
}

/** Whether one object can refer to another at all: across namespaces only to accounts, and to and from what has none. */
function isReachable(referrer: Resource, resource: Resource): boolean {
  const from = referrer.id;
  return (
    isClusterWide(from) ||
    isClusterWide(resource.id) ||
    resource.id.kind === "ServiceAccount" ||
    effectiveNamespace(from) === effectiveNamespace(resource.id)
  );
}

/** Whether both got the same prefixes and suffixes, as far as both got any; `allowNone` lets one that got none pass. */
function isInContext(one: Resource, other: Resource, allowNone: boolean): boolean {
  const fits = (a: readonly string[], b: readonly string[]): boolean => {
    const [short, long] = a.length <= b.length ? [a, b] : [b, a];
    if (short.length === 0) return allowNone || long.length === 0;
    return short.every((part, index) => part === long[long.length - short.length + index]);
  };
  return fits(one.prefixes, other.prefixes) && fits(one.suffixes, other.suffixes);
}
