import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { MappingEntry, MappingNode, TreeNode } from "../../src/formats/tree.ts";
import { placeAt, Source } from "../../src/lib/place.ts";
import type { ComposeProject } from "../../src/platforms/compose/project.ts";

/**
 * A canonical Compose model from YAML that is canonical already, apart from the loader: what holds `${` is unresolved,
 * a mapping or sequence with the key or item `?why` is incomplete for that reason.
 */
export function composeProjectOf(text: string, name = "shop"): ComposeProject {
  const source = new Source("compose.yaml", text);
  const contents = parseDocument(text, { merge: true }).contents;
  const root = contents === null ? undefined : treeOf(contents, source);
  if (root?.kind !== "mapping") throw new Error("the text is no mapping");
  return {
    name,
    root,
    folder: ".",
    files: [source],
    environmentFiles: [],
    profiles: { names: [""], maybe: [] },
    problems: [],
  };
}

function treeOf(node: Node, source: Source): TreeNode {
  const place = placeAt(source, node.range?.[0] ?? 0);
  if (isMap(node)) return mappingOf(node, source);
  if (isSeq(node)) {
    const items = node.items.map((item) => treeOf(item as Node, source));
    const reason = items.map(reasonOf).find((why) => why !== undefined);
    const kept = items.filter((item) => reasonOf(item) === undefined);
    return { kind: "sequence", items: kept, place, ...(reason === undefined ? {} : { incomplete: reason }) };
  }
  if (isAlias(node) || !isScalar(node)) throw new Error("no aliases in this helper");
  const value = node.value as string | number | boolean | null;
  const variables = typeof value === "string" ? [...value.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? "") : [];
  if (variables.length === 0) return { kind: "scalar", value, place };
  const unresolved = `\`${variables[0]}\` is set nowhere in this folder`;
  return { kind: "scalar", value: String(value).replace(/\$\{\w+\}/g, ""), unresolved, interpolates: variables, place };
}

function mappingOf(node: Node, source: Source): MappingNode {
  if (!isMap(node)) throw new Error("no mapping");
  const entries = new Map<string, MappingEntry>();
  let incomplete: string | undefined;
  for (const pair of node.items) {
    const keyNode = pair.key as Node;
    const key = String(isScalar(keyNode) ? keyNode.value : "");
    if (key.startsWith("?")) {
      incomplete = key.slice(1);
      continue;
    }
    const keyPlace = placeAt(source, keyNode.range?.[0] ?? 0);
    const value: TreeNode =
      pair.value === null ? { kind: "scalar", value: null, place: keyPlace } : treeOf(pair.value as Node, source);
    entries.set(key, { key, keyPlace, value });
  }
  const place = placeAt(source, node.range?.[0] ?? 0);
  return { kind: "mapping", entries, place, ...(incomplete === undefined ? {} : { incomplete }) };
}

function reasonOf(node: TreeNode): string | undefined {
  return node.kind === "scalar" && typeof node.value === "string" && node.value.startsWith("?")
    ? node.value.slice(1)
    : undefined;
}
