import type { Meta, MetaMap } from "./metadata.ts";

/**
 * Metadata where a format has no nesting: `age__list_0__map_recipient`.
 *
 * Source: getsops/sops v3.13.3, `stores/flatten.go`.
 */
export function flatten(meta: MetaMap): readonly (readonly [key: string, value: string])[] {
  return Object.entries(meta).flatMap(([key, value]) => flattened(key, value));
}

function flattened(key: string, value: Meta): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((item: Meta, at) => flattened(`${key}__list_${at}`, item));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) => flattened(`${key}__map_${name}`, inner as Meta));
  }
  return [[key, String(value ?? "")]];
}

type Tree = Map<string, Tree | string>;

/** The metadata of flat entries; undefined where they contradict one another. */
export function unflatten(entries: readonly (readonly [key: string, value: string])[]): MetaMap | undefined {
  const root: Tree = new Map();
  for (const [key, value] of entries) {
    const steps = stepsOf(key);
    let tree = root;
    for (const step of steps.slice(0, -1)) {
      const next = tree.get(step) ?? new Map<string, Tree | string>();
      if (typeof next === "string") return undefined;
      tree.set(step, next);
      tree = next;
    }
    const last = steps.at(-1) ?? "";
    if (tree.has(last)) return undefined;
    tree.set(last, value);
  }
  const made = metaOf(root);
  return typeof made === "object" && made !== null && !Array.isArray(made) ? (made as MetaMap) : undefined;
}

/** `m:name` and `l:0`, so that a list is told from a mapping. */
function stepsOf(key: string): readonly string[] {
  const [first = "", ...rest] = key.split(/__(?=(?:map|list)_)/);
  return [`m:${first}`, ...rest.map((part) => (part.startsWith("map_") ? `m:${part.slice(4)}` : `l:${part.slice(5)}`))];
}

function metaOf(tree: Tree | string): Meta {
  if (typeof tree === "string") return tree;
  const entries = [...tree];
  if (entries.length > 0 && entries.every(([step]) => step.startsWith("l:"))) {
    return entries
      .sort(([one], [other]) => Number(one.slice(2)) - Number(other.slice(2)))
      .map(([, value]) => metaOf(value));
  }
  return Object.fromEntries(entries.map(([step, value]) => [step.slice(2), metaOf(value)]));
}
