import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";

/** A scalar that cannot be told. */
export function hidden(why: string, place: Place): ScalarNode {
  return { kind: "scalar", value: null, unresolved: why, place };
}

/** A mapping of its own. */
export function mappingOf(
  entries: ReadonlyMap<string, MappingEntry>,
  place: Place,
  incomplete: string | undefined,
): MappingNode {
  const node: MappingNode = { kind: "mapping", entries, place };
  return incomplete === undefined ? node : { ...node, incomplete };
}

/** Members of a block: a list of mappings, or one mapping for a block that stands once. */
export function blocks(node: TreeNode | undefined): {
  readonly items: readonly MappingNode[];
  readonly incomplete: string | undefined;
} {
  if (node === undefined || (node.kind === "scalar" && node.value === null && node.unresolved === undefined)) {
    return { items: [], incomplete: undefined };
  }
  if (node.kind === "mapping") return { items: [node], incomplete: undefined };
  if (node.kind === "scalar") return { items: [], incomplete: node.unresolved ?? "it is no block" };
  const items = node.items.filter((item) => item.kind === "mapping");
  const other = node.items.find((item) => item.kind !== "mapping");
  const why = other?.kind === "scalar" ? (other.unresolved ?? "an entry is no block") : undefined;
  return { items, incomplete: node.incomplete ?? why };
}

/** The names that a scalar bears: the variables and resources that it was made of. */
export function namesIn(node: TreeNode | undefined): readonly string[] | undefined {
  return node?.kind === "scalar" ? node.interpolates : undefined;
}
