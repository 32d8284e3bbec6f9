import type { Place } from "../lib/place.ts";
import type { TreeNode } from "./tree.ts";

/** Where what stands at a place of a text stands in the file around it. */
export type Locate = (place: Place) => Place;

/** A tree with every place moved: that of a text which stands inside another one. */
export function relocate<T extends TreeNode>(node: T, locate: Locate): T {
  const place = locate(node.place);
  if (node.kind === "scalar") return { ...node, place };
  if (node.kind === "sequence") return { ...node, place, items: node.items.map((item) => relocate(item, locate)) };
  const entries = [...node.entries].map(
    ([key, entry]) =>
      [key, { ...entry, keyPlace: locate(entry.keyPlace), value: relocate(entry.value, locate) }] as const,
  );
  return { ...node, place, entries: new Map(entries) };
}
