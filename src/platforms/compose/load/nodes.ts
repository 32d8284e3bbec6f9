/** Small constructors for tree nodes that are derived from others. Trees are shared (aliases), so nodes are never changed. */
import type {
  MappingEntry,
  MappingNode,
  ScalarNode,
  ScalarValue,
  SequenceNode,
  TreeNode,
} from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";

/** A new value that came from a scalar: keeps its place, its doubts and its variables. */
export function derived(value: ScalarValue, from: ScalarNode): ScalarNode {
  return Object.is(value, from.value) ? from : { ...from, value };
}

export function scalar(value: ScalarValue, place: Place): ScalarNode {
  return { kind: "scalar", value, place };
}

export function mapping(entries: ReadonlyMap<string, MappingEntry>, place: Place): MappingNode {
  return { kind: "mapping", entries, place };
}

export function sequence(items: readonly TreeNode[], place: Place): SequenceNode {
  return { kind: "sequence", items, place };
}

export function entry(key: string, value: TreeNode, keyPlace: Place = value.place): MappingEntry {
  return { key, keyPlace, value };
}

/** An entry that Compose adds by itself; its place is the nearest parent's. */
export function implied(key: string, value: ScalarValue | TreeNode, place: Place): MappingEntry {
  const node = typeof value === "object" && value !== null ? value : scalar(value, place);
  return { key, keyPlace: place, value: node, implied: true };
}

/** A mapping of the entries given. */
export function mappingOf(place: Place, ...entries: readonly MappingEntry[]): MappingNode {
  return mapping(new Map(entries.map((each) => [each.key, each])), place);
}

/** The mapping with entries added or replaced. */
export function withEntries(node: MappingNode, ...entries: readonly MappingEntry[]): MappingNode {
  const all = new Map(node.entries);
  for (const each of entries) all.set(each.key, each);
  return { ...node, entries: all };
}

export function without(node: MappingNode, ...keys: readonly string[]): MappingNode {
  const all = new Map(node.entries);
  for (const key of keys) all.delete(key);
  return { ...node, entries: all };
}

/** The mapping with each value changed; the same object when none is. */
export function mapValues(node: MappingNode, change: (value: TreeNode, key: string) => TreeNode): MappingNode {
  let changed: Map<string, MappingEntry> | undefined;
  // Every value of a file comes by here some twenty times: no pair is made for each entry, which knows its key.
  for (const each of node.entries.values()) {
    const value = change(each.value, each.key);
    if (value === each.value) continue;
    changed ??= new Map(node.entries);
    changed.set(each.key, { ...each, value });
  }
  return changed === undefined ? node : { ...node, entries: changed };
}

/** The sequence with each item changed; the same object when none is. */
export function mapItems(node: SequenceNode, change: (item: TreeNode, index: number) => TreeNode): SequenceNode {
  let changed: TreeNode[] | undefined;
  for (let index = 0; index < node.items.length; index++) {
    const item = node.items[index];
    if (item === undefined) continue;
    const value = change(item, index);
    if (value === item) continue;
    changed ??= [...node.items];
    changed[index] = value;
  }
  return changed === undefined ? node : { ...node, items: changed };
}

/** The value under a key when the node is a mapping that has it. */
export function valueAt(node: TreeNode | undefined, ...path: readonly string[]): TreeNode | undefined {
  let at = node;
  for (const key of path) at = at?.kind === "mapping" ? at.entries.get(key)?.value : undefined;
  return at;
}

/** The text of a string scalar; undefined for anything else. */
export function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

export function isNull(node: TreeNode | undefined): boolean {
  return node?.kind === "scalar" && node.value === null;
}

/** A scalar as Go's `fmt.Sprint` prints it: what Compose makes of numbers and booleans in labels and variables. */
export function goText({ value, tag }: Pick<ScalarNode, "value" | "tag">): string {
  if (typeof value !== "number") return value === null ? "<nil>" : String(value);
  if (Number.isInteger(value) && tag !== "!!float") return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
