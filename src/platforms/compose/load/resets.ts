/**
 * `!reset` and `!override`: what a later file takes away from an earlier one.
 *
 * Source: compose-go v2.9.1, `loader/reset.go`.
 */
import type { TreeNode } from "../../../formats/tree.ts";
import { isNull, mapValues, without } from "./nodes.ts";

export interface Resets {
  /** The tree without what `!reset` stands on. */
  readonly tree: TreeNode;
  /** Where the tags stood, as paths of keys. */
  readonly paths: readonly (readonly string[])[];
}

export const noResets: readonly (readonly string[])[] = [];

/** Takes the two tags out of a tree and remembers where they were. */
export function collectResets(root: TreeNode): Resets {
  const paths: (readonly string[])[] = [];
  const path: string[] = [];
  return { tree: walk(root) ?? root, paths };

  /** The node without tags, or undefined for one that is reset. */
  function walk(node: TreeNode): TreeNode | undefined {
    if (node.tag === "!reset" || node.tag === "!override") paths.push([...path]);
    if (node.tag === "!reset") return undefined;
    // Compose does not look for tags inside of what overrides.
    if (node.tag === "!override") return node;
    if (node.kind === "sequence")
      return { ...node, items: node.items.flatMap((item, index) => at(String(index), item) ?? []) };
    if (node.kind !== "mapping") return node;
    const removed: string[] = [];
    const kept = mapValues(node, (value, key) => {
      const result = at(key, value);
      if (result === undefined) removed.push(key);
      return result ?? value;
    });
    return removed.length === 0 || kept.kind !== "mapping" ? kept : without(kept, ...removed);
  }

  function at(key: string, node: TreeNode): TreeNode | undefined {
    path.push(key);
    const result = walk(node);
    path.pop();
    return result;
  }
}

/** The earlier model without what the later one resets or overrides. Items of lists are never taken away. */
export function applyResets(root: TreeNode, paths: readonly (readonly string[])[]): TreeNode {
  return paths.reduce((tree, path) => removeAt(tree, path), root);
}

function removeAt(node: TreeNode, path: readonly string[]): TreeNode {
  const [key, ...rest] = path;
  if (key === undefined || node.kind !== "mapping" || isNull(node)) return node;
  if (rest.length === 0) return node.entries.has(key) ? without(node, key) : node;
  return mapValues(node, (value, name) => (name === key ? removeAt(value, rest) : value));
}
