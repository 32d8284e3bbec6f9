import type { InputProblem } from "../facts/system.ts";
import type { Place } from "../lib/place.ts";
import type { MappingEntry, TreeNode } from "./tree.ts";

/**
 * The tree of a file, of which nothing is whole where a mistake kept a part of it from being read: what is absent then, or
 * left out of a list, may stand in that part.
 */
export function asFarAsRead(
  root: TreeNode | undefined,
  problems: readonly InputProblem[],
  place: Place,
): TreeNode | undefined {
  const why = mistakeIn(problems);
  if (why === undefined) return root;
  return root === undefined ? { kind: "mapping", entries: new Map(), incomplete: why, place } : notWhole(root, why);
}

/** Why a part of a file could not be read, as a clause; undefined where all of it was. */
export function mistakeIn(problems: readonly InputProblem[]): string | undefined {
  return problems.find(({ severity }) => severity === "error")?.message.replace(/\.$/, "");
}

function notWhole(node: TreeNode, why: string): TreeNode {
  if (node.kind === "scalar") return node;
  if (node.kind === "sequence")
    return { ...node, incomplete: node.incomplete ?? why, items: node.items.map((item) => notWhole(item, why)) };
  const entries = new Map<string, MappingEntry>();
  for (const [key, entry] of node.entries) entries.set(key, { ...entry, value: notWhole(entry.value, why) });
  return { ...node, incomplete: node.incomplete ?? why, entries };
}
