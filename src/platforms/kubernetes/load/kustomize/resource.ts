import type { MappingNode } from "../../../../formats/tree.ts";
import { scalar, textAt, withValueAt } from "../nodes.ts";
import { isClusterScoped } from "./scope.ts";

/** What tells objects apart while a kustomization is built. */
export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for none. */
  readonly namespace: string;
}

/** What a rule of kustomize says about the kind of object that it is for; what it leaves out may be anything. */
export interface KindSelector {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

const noNamespace = "_non_namespaceable_";

/** What a generator says of an object that is there already. */
export type Behavior = "create" | "replace" | "merge";

/**
 * An object while a kustomization is built: what it is now, and every name that it had on the way, for others may still
 * call it by one of them.
 */
export class Resource {
  node: MappingNode;
  /** Oldest first; without the present one. */
  readonly previous: ResourceId[] = [];
  readonly prefixes: string[] = [];
  readonly suffixes: string[] = [];
  /** Whether the name is to end in a hash of the content. */
  needsHash = false;
  readonly behavior: Behavior;
  /** The id of a node, until there is another. */
  #known: { readonly node: MappingNode; readonly id: ResourceId } | undefined;

  constructor(node: MappingNode, behavior: Behavior = "create") {
    this.node = node;
    this.behavior = behavior;
  }

  get id(): ResourceId {
    if (this.#known?.node !== this.node) this.#known = { node: this.node, id: idOf(this.node) };
    return this.#known.id;
  }

  get original(): ResourceId {
    return this.previous[0] ?? this.id;
  }

  /** Every id that it has or had. */
  get ids(): readonly ResourceId[] {
    return [...this.previous, this.id];
  }

  /** To be called before its name, namespace or kind changes. */
  remember(): void {
    const { namespace, ...id } = this.id;
    this.previous.push({ ...id, namespace: effectiveNamespace({ ...id, namespace }) });
  }

  /** Gives it a name, whose place stays that of the name that it had. */
  rename(name: string): void {
    const place = this.node.entries.get("metadata")?.value;
    const before = place?.kind === "mapping" ? place.entries.get("name")?.value.place : undefined;
    this.node = withValueAt(this.node, ["metadata", "name"], scalar(name, before ?? this.node.place));
  }
}

export function idOf(node: MappingNode): ResourceId {
  const { group, version } = groupAndVersion(textAt(node, "apiVersion") ?? "");
  return {
    group,
    version,
    kind: textAt(node, "kind") ?? "",
    name: textAt(node, "metadata", "name") ?? "",
    namespace: textAt(node, "metadata", "namespace") ?? "",
  };
}

/** `apps/v1` as its two parts; the core group is empty. */
export function groupAndVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/");
  return { group: slash === -1 ? "" : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function isClusterWide({ group, version, kind }: ResourceId): boolean {
  return isClusterScoped(group === "" ? version : `${group}/${version}`, kind);
}

/** `default` for none; a word that is no namespace for what has none. */
export function effectiveNamespace(id: ResourceId): string {
  if (isClusterWide(id)) return noNamespace;
  return id.namespace === "" ? "default" : id.namespace;
}

/** One text for each object that kustomize tells apart. */
export function keyOf(id: ResourceId): string {
  return `${id.group}\0${id.version}\0${id.kind}\0${id.name}\0${effectiveNamespace(id)}`;
}

export function isOfKind(id: ResourceId, { group = "", version = "", kind = "" }: KindSelector): boolean {
  return (
    (group === "" || group === id.group) &&
    (version === "" || version === id.version) &&
    (kind === "" || kind === id.kind)
  );
}

/** `Deployment media/plex` as a person would say it. */
export function describeId({ kind, name, namespace }: ResourceId): string {
  return `${shownName(kind)} ${namespace === "" ? "" : `${shownName(namespace)}/`}${shownName(name)}`;
}

/** A line that is indented too far is part of the name before it, and may hold a password: no name of an object has a blank. */
function shownName(name: string): string {
  const [first = ""] = /^[^\s=]{0,253}/.exec(name) ?? [];
  return first === name ? name : `${first}…`;
}
