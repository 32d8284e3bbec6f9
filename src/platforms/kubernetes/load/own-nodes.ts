import type { MappingEntry, MappingNode, SequenceNode, TreeNode } from "../../../formats/tree.ts";
import { mapping } from "./nodes.ts";

/**
 * Changes to a tree that follow one another. A node is copied at its first change, and changed in place from then on: ten
 * thousand operations on one mapping would copy it ten thousand times else. The tree that was there before stays as it is.
 */
export class OwnNodes {
  #mappings = new WeakMap<MappingNode, Map<string, MappingEntry>>();
  #sequences = new WeakMap<SequenceNode, TreeNode[]>();

  /** To be called where a node comes to stand in a second place: neither is to change with the other. */
  forget(): void {
    this.#mappings = new WeakMap();
    this.#sequences = new WeakMap();
  }

  withEntry(node: MappingNode, entry: MappingEntry): MappingNode {
    const [own, entries] = this.#mapping(node);
    entries.set(entry.key, entry);
    return own;
  }

  without(node: MappingNode, key: string): MappingNode {
    const [own, entries] = this.#mapping(node);
    entries.delete(key);
    return own;
  }

  /** The sequence with some of its items taken out at an index, and others put there. */
  spliced(node: SequenceNode, index: number, removed: number, ...added: readonly TreeNode[]): SequenceNode {
    const known = this.#sequences.get(node);
    const items = known ?? [...node.items];
    items.splice(index, removed, ...added);
    if (known !== undefined) return node;
    const own: SequenceNode = { ...node, items };
    this.#sequences.set(own, items);
    return own;
  }

  /** The mapping with a value at a path, along which mappings are made where there are none. */
  withValueAt(node: MappingNode, [first, ...rest]: readonly string[], value: TreeNode): MappingNode {
    if (first === undefined) return node;
    const known = node.entries.get(first);
    const below = known?.value;
    const inner = below?.kind === "mapping" ? below : mapping([], value.place);
    const changed = rest.length === 0 ? value : this.withValueAt(inner, rest, value);
    return this.withEntry(node, { key: first, keyPlace: known?.keyPlace ?? changed.place, value: changed });
  }

  #mapping(node: MappingNode): readonly [MappingNode, Map<string, MappingEntry>] {
    const known = this.#mappings.get(node);
    if (known !== undefined) return [node, known];
    const entries = new Map(node.entries);
    const own: MappingNode = { ...node, entries };
    this.#mappings.set(own, entries);
    return [own, entries];
  }
}
