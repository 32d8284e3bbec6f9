/** Members of a tree by names whose case does not matter, as to Traefik and to Go's `encoding/json`. */
import type { MappingEntry, TreeNode } from "./tree.ts";

/** The node under a path of names. */
export function option(node: TreeNode | undefined, ...path: readonly string[]): TreeNode | undefined {
  let at = node;
  for (const name of path) at = entry(at, name)?.value;
  return at;
}

/** The entry of a name; one that is written just so goes before others. */
export function entry(node: TreeNode | undefined, name: string): MappingEntry | undefined {
  if (node?.kind !== "mapping") return undefined;
  const exact = node.entries.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, found] of node.entries) if (key.toLowerCase() === wanted) return found;
  return undefined;
}

/** Every entry that has a name. */
export function entriesOf(node: TreeNode | undefined): readonly MappingEntry[] {
  return node?.kind === "mapping" ? [...node.entries.values()].filter(({ key }) => key !== "") : [];
}
