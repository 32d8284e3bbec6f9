/**
 * Strategic merge patches as kustomize applies them: mappings are merged, lists replaced but for those of the built-in
 * kinds that have a merge key, `null` removes, `$patch: delete | replace | merge` says otherwise.
 *
 * Source: kustomize v5.7.1, `kyaml/yaml/merge2` and `kyaml/yaml/walk` (members that a list did not have come first).
 */
import {
  child,
  type MappingEntry,
  type MappingNode,
  type SequenceNode,
  type TreeNode,
} from "../../../../formats/tree.ts";
import { isNothing, textAt, textOf } from "../nodes.ts";
import { type MergeField, type MergeType, mergeFieldOf, mergeTypeOf } from "./merge-keys.ts";
import { type MergeMember, mergeByKey, mergeByKeys, mergeScalars } from "./merge-lists.ts";

const directiveKey = "$patch";

/** Tells of a value that cannot be merged, and where it stands. */
export type Complain = (message: string, at: TreeNode) => void;

/** An object with a patch applied; undefined when the patch deletes it. */
export function strategicMerge(object: MappingNode, patch: MappingNode, complain: Complain): MappingNode | undefined {
  const merged = merge(object, patch, typeAt(object, patch, undefined), complain);
  return merged?.kind === "mapping" ? merged : undefined;
}

/** A mapping that says what it is, at whatever depth, is merged as that. */
function typeAt(
  dest: TreeNode | undefined,
  patch: TreeNode | undefined,
  given: MergeType | undefined,
): MergeType | undefined {
  for (const node of [dest, patch]) {
    const kind = textAt(node, "kind");
    const apiVersion = kind === undefined ? undefined : textAt(node, "apiVersion");
    const type = kind === undefined || apiVersion === undefined ? undefined : mergeTypeOf(apiVersion, kind);
    if (type !== undefined) return type;
  }
  return given;
}

/** The merged value; undefined for none. A null of the patch removes; one of the object stays where the patch says nothing. */
function merge(
  dest: TreeNode | undefined,
  patch: TreeNode | undefined,
  type: MergeType | undefined,
  complain: Complain,
  field?: MergeField,
): TreeNode | undefined {
  if (patch !== undefined && isNothing(patch)) return undefined;
  if (patch === undefined && isNothing(dest)) return dest;
  const kept = isNothing(dest) ? undefined : dest;
  const first = kept ?? patch;
  if (first === undefined) return undefined;
  if (kept !== undefined && patch !== undefined && kept.kind !== patch.kind) {
    complain(`The patch has ${words[patch.kind]} where the object has ${words[kept.kind]}.`, patch);
    return patch;
  }
  switch (first.kind) {
    case "mapping":
      return mergeMappings(asMapping(kept), asMapping(patch), typeAt(kept, patch, type), complain);
    case "sequence":
      return field?.keys === undefined
        ? (patch ?? kept)
        : mergeLists(asSequence(kept), asSequence(patch), field.keys, type, complain);
    case "scalar":
      return patch ?? kept;
  }
}

const words = { mapping: "a mapping", sequence: "a list", scalar: "a single value" } as const;

function mergeMappings(
  dest: MappingNode | undefined,
  patch: MappingNode | undefined,
  type: MergeType | undefined,
  complain: Complain,
): MappingNode | undefined {
  const directive = patch === undefined ? "merge" : directiveOf(patch, complain);
  if (directive === "delete") return undefined;
  const base = directive === "replace" ? undefined : dest;
  const entries = new Map<string, MappingEntry>();
  for (const [key, entry] of base?.entries ?? []) {
    const over = patch?.entries.get(key);
    const value = mergeField(entry, over, type, complain);
    if (value === undefined) continue;
    const keyPlace = over !== undefined && value === over.value ? over.keyPlace : entry.keyPlace;
    entries.set(key, value === entry.value ? entry : { key, keyPlace, value });
  }
  for (const [key, entry] of patch?.entries ?? []) {
    if (base?.entries.has(key) === true || key === directiveKey) continue;
    const value = mergeField(undefined, entry, type, complain);
    if (value !== undefined) entries.set(key, value === entry.value ? entry : { ...entry, value });
  }
  const shape = base ?? patch;
  return shape === undefined ? undefined : { ...shape, entries };
}

function mergeField(
  dest: MappingEntry | undefined,
  patch: MappingEntry | undefined,
  type: MergeType | undefined,
  complain: Complain,
): TreeNode | undefined {
  const field = mergeFieldOf(type, (dest ?? patch)?.key ?? "");
  return merge(dest?.value, patch?.value, field?.type, complain, field);
}

function mergeLists(
  dest: SequenceNode | undefined,
  patch: SequenceNode | undefined,
  keys: readonly string[],
  type: MergeType | undefined,
  complain: Complain,
): SequenceNode | undefined {
  const directive = patch === undefined ? "merge" : listDirectiveOf(patch);
  if (directive === "delete") return undefined;
  const patches = (patch?.items ?? []).filter((item) => !isListDirective(item));
  const base = directive === "replace" ? [] : (dest?.items ?? []);
  const shape = dest ?? patch;
  if (shape === undefined) return undefined;
  return { ...shape, items: mergedItems(base, patches, keys, (one, other) => merge(one, other, type, complain)) };
}

function mergedItems(
  base: readonly TreeNode[],
  patches: readonly TreeNode[],
  keys: readonly string[],
  member: MergeMember,
): readonly TreeNode[] {
  const [first] = keys;
  if (first === undefined) return mergeScalars(base, patches);
  return keys.length === 1 ? mergeByKey(base, patches, first, member) : mergeByKeys(base, patches, keys, member);
}

type Directive = "merge" | "replace" | "delete";

function directiveOf(patch: MappingNode, complain: Complain): Directive {
  const node = patch.entries.get(directiveKey)?.value;
  if (node === undefined) return "merge";
  const text = textOf(node);
  if (text === "merge" || text === "replace" || text === "delete") return text;
  complain("`$patch` is none of `merge`, `replace` and `delete`.", node);
  return "merge";
}

/** A member that holds nothing but `$patch` speaks for its whole list. */
function isListDirective(item: TreeNode): boolean {
  return item.kind === "mapping" && item.entries.size === 1 && item.entries.has(directiveKey);
}

function listDirectiveOf(patch: SequenceNode): Directive {
  const text = textOf(child(patch.items.find(isListDirective), directiveKey));
  return text === "replace" || text === "delete" ? text : "merge";
}

function asMapping(node: TreeNode | undefined): MappingNode | undefined {
  return node?.kind === "mapping" ? node : undefined;
}

function asSequence(node: TreeNode | undefined): SequenceNode | undefined {
  return node?.kind === "sequence" ? node : undefined;
}
