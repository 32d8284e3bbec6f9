import { createHash } from "node:crypto";
import { type MappingNode, toPlain } from "../../../../formats/tree.ts";
import { textAt, valueAt } from "../nodes.ts";

/**
 * The ten characters that kustomize puts behind the name of a generated ConfigMap or Secret; they change with its
 * content. Source: kustomize v5.7.1, `api/hasher/hasher.go`.
 */
export function contentHash(node: MappingNode): string {
  const hex = createHash("sha256").update(encoded(node)).digest("hex");
  return hex.slice(0, 10).replaceAll(/[013ae]/g, (character) => substitutes.get(character) ?? character);
}

/** So that the hash spells no words. */
const substitutes = new Map([
  ["0", "g"],
  ["1", "h"],
  ["3", "k"],
  ["a", "m"],
  ["e", "t"],
]);

function encoded(node: MappingNode): string {
  const kind = textAt(node, "kind") ?? "";
  const second = kind === "Secret" ? "stringData" : "binaryData";
  const parts: [string, unknown][] = [
    ["kind", kind],
    ["name", ""],
    ["data", dataOf(node, "data")],
    ...(kind === "Secret" ? [["type", textAt(node, "type") ?? ""] as [string, unknown]] : []),
  ];
  if (valueAt(node, second)?.kind === "mapping") parts.push([second, dataOf(node, second)]);
  return goJson(Object.fromEntries(parts));
}

function dataOf(node: MappingNode, key: string): unknown {
  const data = valueAt(node, key);
  return data === undefined ? "" : toPlain(data);
}

/** JSON as Go writes it: keys sorted, and no character that HTML knows. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return escaped(JSON.stringify(value));
  const entries = Object.entries(value).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? -1 : 1,
  );
  return `{${entries.map(([key, each]) => `${escaped(JSON.stringify(key))}:${goJson(each)}`).join(",")}}`;
}

function escaped(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
