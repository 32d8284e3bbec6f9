/** Reading and remaking of trees. Trees are never changed in place: what is kept of one is shared by the next. */
import {
  child,
  type MappingEntry,
  type MappingNode,
  type ScalarValue,
  type SequenceNode,
  type TreeNode,
} from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";

/** A text of a file, with its place. */
export interface Text {
  readonly text: string;
  readonly place: Place;
}

/** A scalar as text; undefined for null, for what is no scalar, and for what cannot be resolved. */
export function textOf(node: TreeNode | undefined): string | undefined {
  if (node?.kind !== "scalar" || node.value === null || node.unresolved !== undefined) return undefined;
  return String(node.value);
}

/** The value below several keys. */
export function valueAt(node: TreeNode | undefined, ...keys: readonly string[]): TreeNode | undefined {
  let found = node;
  for (const key of keys) found = found?.kind === "mapping" ? found.entries.get(key)?.value : undefined;
  return found;
}

export function textAt(node: TreeNode | undefined, ...keys: readonly string[]): string | undefined {
  return textOf(valueAt(node, ...keys));
}

/** The members of a sequence; none for anything else. */
export function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

/** The entries of a mapping; none for anything else. */
export function entriesOf(node: TreeNode | undefined): readonly MappingEntry[] {
  return node?.kind === "mapping" ? [...node.entries.values()] : [];
}

export function isNothing(node: TreeNode | undefined): boolean {
  return node === undefined || (node.kind === "scalar" && node.value === null && node.unresolved === undefined);
}

export function scalar(value: ScalarValue, place: Place): TreeNode {
  return { kind: "scalar", value, place };
}

export function mapping(entries: Iterable<readonly [string, TreeNode]>, place: Place): MappingNode {
  const made = [...entries].map(([key, value]) => [key, { key, keyPlace: value.place, value }] as const);
  return { kind: "mapping", entries: new Map(made), place };
}

export function sequence(items: readonly TreeNode[], place: Place): SequenceNode {
  return { kind: "sequence", items, place };
}

/** The mapping with a value under a key, whose place is that of the value where the key is new. */
export function withValue(node: MappingNode, key: string, value: TreeNode): MappingNode {
  const known = node.entries.get(key);
  if (known?.value === value) return node;
  return withEntry(node, { key, keyPlace: known?.keyPlace ?? value.place, value });
}

export function withEntry(node: MappingNode, entry: MappingEntry): MappingNode {
  return { ...node, entries: new Map(node.entries).set(entry.key, entry) };
}

export function without(node: MappingNode, key: string): MappingNode {
  if (!node.entries.has(key)) return node;
  const entries = new Map(node.entries);
  entries.delete(key);
  return { ...node, entries };
}

/** The sequence with every member changed; the same one where none changes. */
export function withItems(node: SequenceNode, change: (item: TreeNode) => TreeNode): SequenceNode {
  let items: TreeNode[] | undefined;
  for (let index = 0; index < node.items.length; index++) {
    const item = node.items[index];
    const changed = item && change(item);
    if (changed === undefined || changed === item) continue;
    items ??= [...node.items];
    items[index] = changed;
  }
  return items === undefined ? node : { ...node, items };
}

/** The mapping with a value below several keys; what stands in the way and is no mapping gives way. */
export function withValueAt(node: MappingNode, [first, ...rest]: readonly string[], value: TreeNode): MappingNode {
  if (first === undefined) return node;
  if (rest.length === 0) return withValue(node, first, value);
  const below = child(node, first);
  const inner = below?.kind === "mapping" ? below : mapping([], value.place);
  return withValue(node, first, withValueAt(inner, rest, value));
}

/**
 * Values as Helm lays them over one another, the last on top: mappings key by key, all else as a whole. What is taken away
 * by null stays null. Undefined for none. Source: Helm, "Values Files" ("Deleting a default key").
 */
export function laidOver(values: readonly TreeNode[]): TreeNode | undefined {
  return values.reduce<TreeNode | undefined>(
    (below, above) => (below?.kind === "mapping" && above.kind === "mapping" ? laidOn(below, above) : above),
    undefined,
  );
}

function laidOn(below: MappingNode, above: MappingNode): MappingNode {
  const entries = new Map(below.entries);
  for (const [key, entry] of above.entries) {
    const known = entries.get(key)?.value;
    const value = laidOver(known === undefined ? [entry.value] : [known, entry.value]);
    if (value !== undefined) entries.set(key, { ...entry, value });
  }
  const incomplete = above.incomplete ?? below.incomplete;
  return { ...above, entries, ...(incomplete === undefined ? {} : { incomplete }) };
}

/** Every scalar of a tree changed; what holds none that changed is the same object. */
export function mapScalars(node: TreeNode, change: (node: TreeNode & { kind: "scalar" }) => TreeNode): TreeNode {
  switch (node.kind) {
    case "scalar":
      return change(node);
    case "sequence":
      return withItems(node, (item) => mapScalars(item, change));
    case "mapping": {
      let entries: Map<string, MappingEntry> | undefined;
      for (const entry of node.entries.values()) {
        const value = mapScalars(entry.value, change);
        if (value === entry.value) continue;
        entries ??= new Map(node.entries);
        entries.set(entry.key, { ...entry, value });
      }
      return entries === undefined ? node : { ...node, entries };
    }
  }
}
