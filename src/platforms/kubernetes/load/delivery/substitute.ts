/**
 * Flux's `postBuild` on objects. Flux works on their YAML text, so that a variable's value is read as YAML where the text
 * needs no quotes: `${REPLICAS}` becomes a number. Source: fluxcd/pkg `kustomize/kustomize_varsub.go`.
 */

import { relocate } from "../../../../formats/relocate.ts";
import {
  child,
  type MappingEntry,
  type MappingNode,
  type ScalarNode,
  type TreeNode,
} from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { oldBoolean, resolvePlain } from "../../../../formats/yaml/scalars.ts";
import { type Place, Source } from "../../../../lib/place.ts";
import { textAt } from "../nodes.ts";
import { expand, type Variable } from "./envsubst.ts";

export type Variables = (name: string) => Variable;

/** Told of a text that Flux cannot substitute in. */
export type Refused = (place: Place) => void;

const noYaml = "what Flux puts into it is no YAML";
const mark = "kustomize.toolkit.fluxcd.io/substitute";

/** The object with the variables' values; itself where it asks Flux to leave it alone. */
export function substitute(object: MappingNode, variables: Variables, refused: Refused): MappingNode {
  const isDisabled = ["labels", "annotations"].some((key) => textAt(object, "metadata", key, mark) === "disabled");
  if (isDisabled) return object;
  const node = inTree(object, variables, refused);
  return node.kind === "mapping" ? node : object;
}

/** What stands before a value in Flux's YAML: a key or a dash, on which it depends what the value may begin. */
type Lead = "key: " | "- ";

function inTree(node: TreeNode, variables: Variables, refused: Refused, lead: Lead = "key: "): TreeNode {
  switch (node.kind) {
    case "scalar":
      return inScalar(node, variables, refused, lead);
    case "sequence": {
      const items = node.items.map((item) => inTree(item, variables, refused, "- "));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    case "mapping":
      return inMapping(node, variables, refused);
  }
}

function inMapping(node: MappingNode, variables: Variables, refused: Refused): MappingNode {
  let changed = false;
  const entries = new Map<string, MappingEntry>();
  for (const entry of node.entries.values()) {
    const key = entry.key.includes("${") ? (expand(entry.key, variables)?.text ?? entry.key) : entry.key;
    const value = inTree(entry.value, variables, refused);
    if (value !== entry.value || key !== entry.key) changed = true;
    entries.set(key, value === entry.value && key === entry.key ? entry : { ...entry, key, value });
  }
  return changed ? { ...node, entries } : node;
}

function inScalar(node: ScalarNode, variables: Variables, refused: Refused, lead: Lead): TreeNode {
  const { value, place } = node;
  if (typeof value !== "string" || !value.includes("$")) return node;
  const expanded = expand(value, variables);
  if (expanded === undefined) {
    refused(place);
    return { ...node, unresolved: "Flux cannot substitute in it" };
  }
  const { text, why, names, knownStart } = expanded;
  const interpolates = names.length === 0 ? {} : { interpolates: [...(node.interpolates ?? []), ...names] };
  const unresolved = node.unresolved ?? why;
  if (unresolved !== undefined) {
    const start = node.unresolved === undefined && knownStart !== undefined ? { knownStart } : {};
    return { ...node, value: text, unresolved, ...start, ...interpolates };
  }
  if (text === value) return node;
  const read = isPlain(value) ? readAgain(text, place, lead) : quotedAgain(node, value, text);
  return read.kind === "scalar" ? { ...read, ...interpolates } : read;
}

/** The text where it stood in quotes: a quote in a variable's value ends them too early. */
function quotedAgain(node: ScalarNode, before: string, text: string): ScalarNode {
  const quotes = (each: string): number => each.split("'").length;
  if (before.includes("\n") || quotes(text) <= quotes(before)) return { ...node, value: text };
  return { ...node, value: text, unresolved: noYaml };
}

/** What YAML reads where the text stood without quotes. */
function readAgain(text: string, place: Place, lead: Lead): TreeNode {
  if (isPlain(text)) return { kind: "scalar", value: oldBoolean(text) ?? resolvePlain(text), place };
  const line = `${lead}${text}`;
  const { documents, problems } = parseYaml(new Source("", line), line, { booleans: "1.1" });
  const [root] = documents;
  const value = root?.kind === "sequence" ? root.items[0] : child(root, "key");
  if (problems.length === 0 && documents.length === 1 && value !== undefined) return relocate(value, () => place);
  return { kind: "scalar", value: text, unresolved: noYaml, place };
}

/** Whether Flux's YAML has a text without quotes: nothing in it means anything to YAML. */
function isPlain(text: string): boolean {
  return !/^[\s&*!|>'"%@`#,[\]{}]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:\s|:$|\s#|\s$|[\n\t]/.test(text);
}
