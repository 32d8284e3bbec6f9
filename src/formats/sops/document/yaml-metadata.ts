import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Meta, MetaMap } from "./metadata.ts";
import { plainScalar, yamlText } from "./yaml-scalars.ts";
import { isPlain } from "./yaml-source.ts";

/** The plain data of SOPS's own entry. Times stay as they are written. */
export function metaOfYaml(node: Node | null): Meta {
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.flatMap(({ key, value }) =>
        isScalar(key) ? [[String(key.value ?? ""), metaOfYaml(value as Node | null)] as const] : [],
      ),
    );
  }
  if (isSeq(node)) return node.items.map((item) => metaOfYaml(item as Node | null));
  if (!isScalar(node)) return null;
  const text = String(node.value ?? "");
  if (!isPlain(node)) return text;
  const value = plainScalar(text);
  if (value === undefined) return null;
  return typeof value === "object" && value.type === "bool" ? value.value : text;
}

/**
 * The lines of an entry, as go-yaml's encoder lays them out: the entries of an item two columns behind its dash, deeper
 * lines at the next multiple of the indentation.
 */
export function yamlEntryLines(key: string, value: Meta, column: number, step: number): readonly string[] {
  const space = " ".repeat(column);
  const inner = nextColumn(column, step);
  const name = yamlText(key);
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${space}${name}: []`];
    return [`${space}${name}:`, ...value.flatMap((item: Meta) => itemLines(item, inner, step))];
  }
  if (typeof value === "object" && value !== null) {
    const map = value as MetaMap;
    if (Object.keys(map).length === 0) return [`${space}${name}: {}`];
    return [`${space}${name}:`, ...Object.entries(map).flatMap(([each, of]) => yamlEntryLines(each, of, inner, step))];
  }
  const text = String(value ?? "");
  if (typeof value === "string" && text.includes("\n"))
    return [`${space}${name}: ${blockMark(text)}`, ...blockLines(text, inner)];
  return [`${space}${name}: ${typeof value === "string" ? scalarText(text) : String(value)}`];
}

function itemLines(item: Meta, column: number, step: number): readonly string[] {
  const space = " ".repeat(column);
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return [`${space}- ${typeof item === "string" ? scalarText(item) : JSON.stringify(item)}`];
  }
  const lines = Object.entries(item as MetaMap).flatMap(([key, value]) => yamlEntryLines(key, value, column + 2, step));
  return lines.map((line, at) => (at === 0 ? `${space}- ${line.slice(column + 2)}` : line));
}

function nextColumn(column: number, step: number): number {
  return step * Math.floor((column + step) / step);
}

function blockMark(text: string): string {
  return text.endsWith("\n\n") ? "|+" : text.endsWith("\n") ? "|" : "|-";
}

function blockLines(text: string, column: number): readonly string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(column)}${line}`));
}

/** As go-yaml quotes: only what is another type, or could not stand alone. */
function scalarText(text: string): string {
  const value = plainScalar(text);
  const isText = typeof value === "object" && value.type === "str";
  const alone = /^[A-Za-z0-9_./^(]\S*(?: \S+)*$/.test(text) && !/: | #|:$/.test(text) && /^[\x20-\x7e]*$/.test(text);
  return isText && alone && !/^(?:y|n|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}
