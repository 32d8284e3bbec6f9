/** What the readers of other programs' kinds share: the pods that they lay out, and how they look other objects up. */
import { child, type MappingNode, type SequenceNode, type TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { strategicMerge } from "../../load/kustomize/strategic-merge.ts";
import { isNothing, itemsOf, mapping, scalar, sequence, textAt, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";

/** One pod: its name within the object, empty for the only one. */
export interface MadePod {
  readonly name: string;
  readonly metadata: TreeNode | undefined;
  /** A mapping; a scalar that is not resolved where nothing can be told of it. */
  readonly spec: TreeNode;
}

/** Another object by `group/Kind` and name; without a namespace one of the whole cluster. */
export type FindObject = (kind: string, name: string, namespace?: string) => KubernetesObject | undefined;

/** Where an object stands among the others. */
export interface Around {
  readonly namespace: string;
  readonly find: FindObject;
}

/** The pods of a `spec`. */
export type Maker = (spec: MappingNode, around: Around) => readonly MadePod[];

/** The objects by kind, namespace and name; the index is made when the first is asked for. */
export function finderIn(objects: readonly KubernetesObject[]): FindObject {
  let index: ReadonlyMap<string, KubernetesObject> | undefined;
  return (kind, name, namespace = "default") => {
    index ??= new Map(objects.map((each) => [keyOf(`${each.group}/${each.kind}`, each.name, each.namespace), each]));
    return index.get(keyOf(kind, name, namespace));
  };
}

function keyOf(kind: string, name: string, namespace = "default"): string {
  return `${kind}/${namespace}/${name}`;
}

export function below(spec: TreeNode, maker: Maker, around: Around, ...path: readonly string[]): readonly MadePod[] {
  const found = valueAt(spec, ...path);
  return found?.kind === "mapping" ? maker(found, around) : [];
}

/** The entries of a mapping under some keys, in the keys' order. */
export function entriesAt(node: TreeNode, keys: readonly string[]): [string, TreeNode][] {
  return keys.flatMap((key): [string, TreeNode][] => {
    const value = child(node, key);
    return value === undefined ? [] : [[key, value]];
  });
}

/** A pod's `spec` with a strategic merge patch applied; undefined where that cannot be done. */
export function patchedSpec(spec: MappingNode, patch: MappingNode): MappingNode | undefined {
  const { place } = spec;
  const kind: [string, TreeNode][] = [
    ["apiVersion", scalar("v1", place)],
    ["kind", scalar("Pod", place)],
  ];
  let isSound = true;
  const merged = strategicMerge(mapping([...kind, ["spec", spec]], place), mapping([["spec", patch]], place), () => {
    isSound = false;
  });
  const made = isSound ? child(merged, "spec") : undefined;
  return made?.kind === "mapping" ? made : undefined;
}

/** A value of which nothing can be told: a pod's `spec`, or a field of it. */
export function hiddenNode(why: string, place: Place): TreeNode {
  return { kind: "scalar", value: null, unresolved: why, place };
}

/** The members of several lists as one, which is not whole where one of them is not. */
export function allOf(place: Place, ...lists: readonly (TreeNode | undefined)[]): SequenceNode {
  const list = sequence(lists.flatMap(itemsOf), place);
  const why = lists.map(whyNotWhole).find((each) => each !== undefined);
  return why === undefined ? list : { ...list, incomplete: why };
}

/** The members of two lists: of those of one name that of the first. */
export function bothByName(place: Place, first: TreeNode | undefined, second: TreeNode | undefined): SequenceNode {
  return { ...allOf(place, first, second), items: [...itemsOf(first), ...besides(second, first)] };
}

/** The members of a list without those that another list names too; one whose name cannot be told stays. */
export function besides(list: TreeNode | undefined, other: TreeNode | undefined): readonly TreeNode[] {
  const names = new Set(itemsOf(other).map((item) => textAt(item, "name")));
  names.delete(undefined);
  return itemsOf(list).filter((item) => !names.has(textAt(item, "name")));
}

/** A pod of which nothing can be told for the members of a list that are not seen; none where the list is whole. */
export function hiddenRest(name: string, list: TreeNode | undefined, place: Place): readonly MadePod[] {
  const why = whyNotWhole(list);
  return why === undefined ? [] : [{ name, metadata: undefined, spec: hiddenNode(why, place) }];
}

/** Why a list may have more members than are seen; undefined for a whole one, and for none. */
export function whyNotWhole(node: TreeNode | undefined): string | undefined {
  if (node === undefined || isNothing(node)) return undefined;
  if (node.kind === "sequence") return node.incomplete;
  return (node.kind === "scalar" ? node.unresolved : node.incomplete) ?? "what should be a list is none";
}
