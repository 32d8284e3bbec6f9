/** The patches of a kustomization, of all three kinds of field. Source: kustomize v5.7.1, `api/internal/builtins`. */
import type { MappingNode, TreeNode } from "../../../../formats/tree.ts";
import { append } from "../../../../lib/append.ts";
import type { Place } from "../../../../lib/place.ts";
import { isNothing, mapping, scalar, type Text, textAt, valueAt, without, withValue, withValueAt } from "../nodes.ts";
import { OwnNodes } from "../own-nodes.ts";
import { applyJsonPatch } from "./json-patch.ts";
import type { Kustomization, PatchEntry } from "./kustomization.ts";
import { describeId, idOf, keyOf, type Resource } from "./resource.ts";
import { indexByAnyId } from "./resource-set.ts";
import { parseSelector } from "./selector.ts";
import { strategicMerge } from "./strategic-merge.ts";
import type { TargetFiles } from "./target-files.ts";

interface Allowed {
  readonly nameChange: boolean;
  readonly kindChange: boolean;
}

const nothingAllowed: Allowed = { nameChange: false, kindChange: false };

/** Takes a patch for an object that is not seen here, and may be among what is made elsewhere. */
export type Beyond = (patch: MappingNode) => void;

/** Applies patches to objects, in the order in which kustomize does. What a patch deletes is gone from the answer. */
export class Patcher {
  readonly #files: TargetFiles;
  /** Undefined where all objects are seen, so that a patch for another one is a mistake. */
  readonly #beyond: Beyond | undefined;
  readonly #resources: readonly Resource[];
  readonly #deleted = new Set<Resource>();
  /** By every id that they have or had, the deleted ones too; made when it is first asked for. */
  #byId: Map<string, Resource[]> | undefined;

  constructor(resources: readonly Resource[], files: TargetFiles, beyond?: Beyond) {
    this.#resources = [...resources];
    this.#files = files;
    this.#beyond = beyond;
  }

  /** `patchesStrategicMerge` and `patches`: before names change. */
  first(kustomization: Kustomization): readonly Resource[] {
    for (const entry of kustomization.patchesStrategicMerge) {
      for (const patch of this.#fileOrInline(entry)) this.#mergeByName(patch, nothingAllowed);
    }
    for (const entry of kustomization.patches) this.#entry(entry);
    return this.#present;
  }

  /** `patchesJson6902`: once names have changed. */
  later(kustomization: Kustomization): readonly Resource[] {
    for (const entry of kustomization.patchesJson6902) {
      const [document] = this.#textsOf(entry);
      const target = this.#named(entry);
      if (document?.kind === "sequence" && target !== undefined) this.#json(target, document.items);
      else if (document !== undefined && target !== undefined) this.#wrong(entry.place);
    }
    return this.#present;
  }

  get #present(): readonly Resource[] {
    return this.#deleted.size === 0 ? this.#resources : this.#resources.filter((each) => !this.#deleted.has(each));
  }

  #entry(entry: PatchEntry): void {
    const documents = this.#textsOf(entry);
    if (entry.target !== undefined && documents.length > 1) {
      this.#error(
        "A patch with a `target` holds one patch; this one holds several, which kustomize refuses.",
        entry.place,
      );
    }
    const allowed = { nameChange: entry.allowNameChange, kindChange: entry.allowKindChange };
    for (const document of documents) {
      if (document.kind === "sequence") this.#jsonEntry(entry, document.items);
      else if (document.kind !== "mapping") this.#wrong(entry.place);
      else if (entry.target === undefined) this.#mergeByName(document, allowed);
      else this.#mergeSelected(document, entry.target, allowed);
    }
  }

  #jsonEntry(entry: PatchEntry, operations: readonly TreeNode[]): void {
    if (entry.target === undefined) {
      this.#error("A JSON patch needs a `target` that says which objects it is for.", entry.place);
      return;
    }
    const selected = this.#selected(entry.target);
    for (const resource of selected) this.#json(resource, operations);
    if (selected.length === 0) this.#jsonBeyond(entry.target, operations);
  }

  #mergeSelected(patch: MappingNode, target: TreeNode, allowed: Allowed): void {
    const selected = this.#selected(target);
    for (const resource of selected) this.#merge(resource, patch, allowed);
    const named = selected.length === 0 ? namedBy(target) : undefined;
    if (named !== undefined)
      this.#beyond?.(
        [...named.entries].reduce<MappingNode>((node, [key, { value }]) => withValue(node, key, value), patch),
      );
  }

  /** Of operations on an object that is not seen what they add to its data. */
  #jsonBeyond(target: TreeNode, operations: readonly TreeNode[]): void {
    const named = this.#beyond === undefined ? undefined : namedBy(target);
    if (named === undefined) return;
    const own = new OwnNodes();
    const changed = operations.reduce<MappingNode>((node, operation) => {
      const [, data, key, ...more] = (textAt(operation, "path") ?? "").split("/");
      const value = /^(?:add|replace)$/.test(textAt(operation, "op") ?? "") ? valueAt(operation, "value") : undefined;
      if (value === undefined || data !== "data" || more.length > 0) return node;
      if (key === undefined) return withValue(node, "data", value);
      return own.withValueAt(node, ["data", key.replaceAll("~1", "/").replaceAll("~0", "~")], value);
    }, named);
    this.#beyond?.(changed);
  }

  #withId(key: string): readonly Resource[] {
    this.#byId ??= indexByAnyId(this.#resources);
    return (this.#byId.get(key) ?? []).filter((each) => !this.#deleted.has(each));
  }

  /** After a change by which it may have got a name besides those that it had. */
  #indexAnew(resource: Resource): void {
    if (this.#byId === undefined) return;
    for (const key of new Set(resource.ids.map(keyOf))) {
      if (this.#byId.get(key)?.includes(resource) !== true) append(this.#byId, key, resource);
    }
  }

  #json(resource: Resource, operations: readonly TreeNode[]): void {
    resource.remember();
    const patched = applyJsonPatch(resource.node, operations);
    if ("message" in patched) {
      const message = `A patch cannot be applied to ${describeId(resource.id)}: ${patched.message}`;
      this.#error(message, patched.at.place, "kustomize stops here; correct the patch or its target.");
    } else resource.node = patched;
    this.#indexAnew(resource);
  }

  /** The object that a patch without a target names. */
  #mergeByName(patch: MappingNode, allowed: Allowed): void {
    const id = idOf(patch);
    const key = keyOf(id);
    const found = this.#withId(key);
    const [resource] = found;
    if (found.length === 1 && resource !== undefined) this.#merge(resource, patch, allowed);
    else if (id.kind === "" || id.name === "")
      this.#error(
        "A patch names no object: it needs `apiVersion`, `kind` and `metadata.name`, or a `target`.",
        patch.place,
      );
    else if (found.length === 0 && this.#beyond !== undefined) this.#beyond(patch);
    else {
      const words = found.length === 0 ? "No object is" : "More than one object is";
      const message = `${words} ${describeId(id)}, which this patch is for; kustomize stops here.`;
      this.#error(
        message,
        patch.place,
        "Name the object as its file does, with its namespace, or give the patch a `target`.",
      );
    }
  }

  #merge(resource: Resource, patch: MappingNode, allowed: Allowed): void {
    if (allowed.nameChange || allowed.kindChange) resource.remember();
    const { id, node } = resource;
    const merged = strategicMerge(node, withIdentity(patch, resource), (message, at) => this.#error(message, at.place));
    if (merged === undefined) {
      this.#deleted.add(resource);
      return;
    }
    resource.node = restored(merged, node, patch, allowed, id.namespace);
    if (allowed.nameChange || allowed.kindChange) this.#indexAnew(resource);
  }

  #selected(target: TreeNode): readonly Resource[] {
    const selector = parseSelector(target);
    if (typeof selector === "function") return this.#present.filter(selector);
    const message = `\`${selector.unread}\` of a patch's target cannot be read as an expression; the patch is left out.`;
    this.#error(message, target.place);
    return [];
  }

  /** The one object that a `patchesJson6902` entry names exactly. */
  #named(entry: PatchEntry): Resource | undefined {
    const id = {
      group: textAt(entry.target, "group") ?? "",
      version: textAt(entry.target, "version") ?? "",
      kind: textAt(entry.target, "kind") ?? "",
      name: textAt(entry.target, "name") ?? "",
      namespace: textAt(entry.target, "namespace") ?? "",
    };
    const found = this.#withId(keyOf(id));
    if (found.length === 1) return found[0];
    if (found.length === 0 && this.#beyond !== undefined) return undefined;
    this.#error(`A JSON patch is for ${describeId(id)}, which is no object here; kustomize stops there.`, entry.place);
    return undefined;
  }

  /** The patches of an entry: of its file, or inline. */
  #textsOf(entry: PatchEntry): readonly TreeNode[] {
    if (entry.path !== undefined) return this.#files.documents(entry.path).filter((document) => !isNothing(document));
    if (entry.patch !== undefined) return this.#inline(entry.patch);
    this.#error("A patch has neither `path` nor `patch`.", entry.place);
    return [];
  }

  #fileOrInline(entry: Text): readonly MappingNode[] {
    const path = this.#files.resolve(entry.text);
    const isFile = !entry.text.includes("\n") && path !== undefined && this.#files.session.files.exists(path);
    const documents = isFile || !entry.text.includes(":") ? this.#files.documents(entry) : this.#inline(entry);
    return documents.filter((document) => document.kind === "mapping");
  }

  /** A patch that stands in the kustomization as a text. */
  #inline(text: Text): readonly TreeNode[] {
    return this.#files.session.inline(text).filter((document) => !isNothing(document));
  }

  #wrong(place: Place): void {
    this.#error("A patch is neither an object nor a list of JSON patch operations.", place);
  }

  #error(message: string, place: Place, hint?: string): void {
    this.#files.session.error(message, place, hint);
  }
}

/** The one object that a target names without an expression, as far as that tells what it is. */
function namedBy(target: TreeNode): MappingNode | undefined {
  const [kind, name] = [textAt(target, "kind"), textAt(target, "name")];
  if (kind === undefined || name === undefined || !/^[\w.-]+$/.test(name)) return undefined;
  const group = textAt(target, "group");
  const version = textAt(target, "version") ?? "v1";
  const { place } = target;
  const metadata = mapping(
    ["name", "namespace"].flatMap((key) => {
      const value = valueAt(target, key);
      return value === undefined ? [] : [[key, value] as const];
    }),
    place,
  );
  return mapping(
    [
      ["apiVersion", scalar(group === undefined ? version : `${group}/${version}`, place)],
      ["kind", scalar(kind, place)],
      ["metadata", metadata],
    ],
    place,
  );
}

/** A patch for what it is applied to: with the kind of that, so that its lists are merged as those of the kind. */
function withIdentity(patch: MappingNode, { node }: Resource): MappingNode {
  const kept = ["apiVersion", "kind"].reduce((all, key) => {
    const own = valueAt(node, key);
    return own === undefined || !all.entries.has(key) ? all : withValue(all, key, own);
  }, patch);
  return kept;
}

/** A patched object with the name, kind and namespace that a patch may not change. */
function restored(
  merged: MappingNode,
  before: MappingNode,
  patch: MappingNode,
  allowed: Allowed,
  namespace: string,
): MappingNode {
  let node = merged;
  const kind = valueAt(allowed.kindChange ? patch : before, "kind");
  if (kind !== undefined) node = withValue(node, "kind", kind);
  const name = valueAt(before, "metadata", "name");
  if (!allowed.nameChange && name !== undefined) node = withValueAt(node, ["metadata", "name"], name);
  const own = valueAt(before, "metadata", "namespace");
  if (own !== undefined) node = withValueAt(node, ["metadata", "namespace"], own);
  const metadata = valueAt(node, "metadata");
  if (metadata?.kind !== "mapping") return node;
  const unwanted = [
    ...(own === undefined && namespace === "" ? ["namespace"] : []),
    ...["labels", "annotations"].filter((key) => isNothing(valueAt(metadata, key))),
  ];
  return withValue(node, "metadata", unwanted.reduce(without, metadata));
}
