import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type ParsedNode, parseAllDocuments } from "yaml";
import type { InputProblem } from "../../facts/system.ts";
import { placeAt, type Source } from "../../lib/place.ts";
import type { MappingEntry, TreeNode } from "../tree.ts";
import { resolvePlain } from "./scalars.ts";

/** What stands in one YAML text. */
export interface YamlText {
  /** One tree for each document that is not empty. */
  readonly documents: readonly TreeNode[];
  readonly problems: readonly InputProblem[];
  /** True when a node carries a tag of its own (`!reset`, `!override`). */
  readonly tagged: boolean;
}

/** Reads a YAML text as go-yaml v3 does; whatever could be read is in `documents` even when there are problems. */
export function parseYaml(source: Source, text: string): YamlText {
  const problems: InputProblem[] = [];
  const documents: TreeNode[] = [];
  let tagged = false;
  const found = parseAllDocuments(text, {
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    schema: "failsafe",
    version: "1.2",
  });
  for (const document of Array.isArray(found) ? found : []) {
    for (const error of document.errors) {
      problems.push({ severity: "error", message: error.message, place: placeAt(source, error.pos[0]) });
    }
    if (document.contents !== null) documents.push(convert(document.contents, document));
  }
  return { documents, problems, tagged };

  function convert(node: ParsedNode, document: Document.Parsed): TreeNode {
    const offset = node.range[0];
    const place = placeAt(source, offset, node.range[1]);
    if (isAlias(node)) {
      const target = node.resolve(document) as ParsedNode | undefined;
      if (target !== undefined) return convert(target, document);
      return { kind: "scalar", value: null, place };
    }
    const custom = node.tag?.startsWith("!") && !node.tag.startsWith("!!") ? { tag: node.tag } : undefined;
    if (custom !== undefined) tagged = true;
    if (isScalar(node)) {
      const raw = String(node.value ?? "");
      const value = node.type === "PLAIN" && node.tag === undefined ? resolvePlain(raw) : raw;
      return { kind: "scalar", value, ...custom, place };
    }
    if (isSeq(node)) {
      return {
        kind: "sequence",
        items: node.items.map((item) => convert(item as ParsedNode, document)),
        ...custom,
        place,
      };
    }
    const entries = new Map<string, MappingEntry>();
    const merges: TreeNode[] = [];
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair)) continue;
        const key = pair.key as ParsedNode;
        const name = isScalar(key) ? String(key.value ?? "") : "";
        const keyPlace = placeAt(source, key.range[0], key.range[1]);
        const value: TreeNode =
          pair.value === null
            ? { kind: "scalar", value: null, place: keyPlace }
            : convert(pair.value as ParsedNode, document);
        if (name === "<<" && isScalar(key) && key.type === "PLAIN") merges.push(value);
        else entries.set(name, { key: name, keyPlace, value });
      }
    }
    for (const merge of merges.flatMap((value) => (value.kind === "sequence" ? value.items : [value]))) {
      if (merge.kind !== "mapping") continue;
      for (const [key, entry] of merge.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: "mapping", entries, ...custom, place };
  }
}
