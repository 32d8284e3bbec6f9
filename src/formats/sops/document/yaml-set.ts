import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import { RingwallError } from "../../../lib/error.ts";
import type { Source } from "../../../lib/place.ts";
import { blankAtEnd, spliced, unsupported, withoutBreaks } from "./format.ts";
import type { SopsScalar } from "./tree.ts";
import { yamlText, yamlValue } from "./yaml-scalars.ts";
import { type ParsedDocument, parseYamlSource, rangeOf } from "./yaml-source.ts";

type Path = readonly (string | number)[];

/** A YAML text with a value at a path of its first document; everything else stays as it stands. */
export function setInYaml(source: Source, given: string, path: Path, value: SopsScalar): string {
  const yaml = parseYamlSource(source, given);
  const { text } = yaml;
  const root = rootOf(yaml.documents[0]);
  const [key, ...rest] = path;
  if (typeof key !== "string") throw new RingwallError("usage", "A path begins with a key.");
  if (root === undefined) {
    const at = yaml.documents[0] === undefined ? text.length : 0;
    const line = text !== "" && at > 0 && !text.endsWith("\n") ? "\n" : "";
    return spliced(text, [{ start: at, end: at, text: `${line}${entryText(path, value, 0, 2)}\n` }]);
  }
  const found = descend(root, [key, ...rest]);
  if (found.kind === "scalar") {
    const [start, end] = rangeOf(found.node);
    const block = found.indent !== undefined && lineRestBlank(text, end);
    const trimmed = start + withoutBreaks(text.slice(start, end)).length;
    const space = start === end && text[start - 1] !== " " ? " " : "";
    const indent = found.indent === undefined ? undefined : yaml.source.locate(found.indent).column - 1 + 2;
    return spliced(text, [{ start, end: trimmed, text: `${space}${yamlValue(value, block ? indent : undefined)}` }]);
  }
  if (found.kind === "other") {
    throw unsupported(yaml.source, found.offset, "A mapping or list stands where a single value is to be set.");
  }
  return insertInto(source, text, found.map, found.rest, value, (offset) => yaml.source.locate(offset).column - 1);
}

type Found =
  | { readonly kind: "scalar"; readonly node: Node; readonly indent: number | undefined }
  | { readonly kind: "missing"; readonly map: YAMLMap; readonly rest: readonly string[] }
  | { readonly kind: "other"; readonly offset: number };

function descend(root: YAMLMap, path: Path): Found {
  let node: Node = root;
  let key: number | undefined;
  for (const [at, step] of path.entries()) {
    let next: Node | null | undefined;
    if (isMap(node) && typeof step === "string") {
      const pair: Pair | undefined = node.items.find((each) => isScalar(each.key) && String(each.key.value) === step);
      if (pair === undefined) {
        const rest = path.slice(at);
        if (rest.some((each) => typeof each !== "string")) return { kind: "other", offset: rangeOf(node)[0] };
        return { kind: "missing", map: node, rest: rest as readonly string[] };
      }
      key = node.flow === true ? undefined : rangeOf(pair.key as Node)[0];
      next = pair.value as Node | null;
    } else if (isSeq(node) && typeof step === "number") {
      key = undefined;
      next = node.items[step] as Node | undefined;
    }
    if (next === undefined || next === null) return { kind: "other", offset: rangeOf(node)[0] };
    node = next;
  }
  return isScalar(node) ? { kind: "scalar", node, indent: key } : { kind: "other", offset: rangeOf(node)[0] };
}

function insertInto(
  source: Source,
  text: string,
  map: YAMLMap,
  rest: readonly string[],
  value: SopsScalar,
  columnOf: (offset: number) => number,
): string {
  if (map.flow === true || map.items.length === 0) {
    const end = rangeOf(map)[1] - 1;
    const inner = rest.reduceRight(
      (made, key) => `${JSON.stringify(key)}: ${made.startsWith("\u0000") ? made.slice(1) : `{${made}}`}`,
      `\u0000${flowValue(value)}`,
    );
    return spliced(text, [{ start: end, end, text: `${map.items.length === 0 ? "" : ", "}${inner}` }]);
  }
  const first = map.items[0]?.key;
  if (!isScalar(first)) throw unsupported(source, 0, "The mapping cannot be added to.");
  const column = columnOf(rangeOf(first)[0]);
  const last = rangeOf(map)[1];
  const close = text[last - 1] === "\n" ? last : text.indexOf("\n", last) + 1;
  const at = close === 0 ? text.length : close;
  const lead = at > 0 && text[at - 1] !== "\n" ? "\n" : "";
  return spliced(text, [{ start: at, end: at, text: `${lead}${entryText(rest, value, column, 2)}\n` }]);
}

function flowValue(value: SopsScalar): string {
  return value.type === "str" ? JSON.stringify(value.text) : yamlValue(value, undefined);
}

function entryText(path: Path, value: SopsScalar, column: number, step: number): string {
  const lines = path.map((key, at) => `${" ".repeat(column + at * step)}${yamlText(String(key))}:`);
  const indent = column + path.length * step;
  return `${lines.join("\n")} ${yamlValue(value, indent)}`;
}

function lineRestBlank(text: string, end: number): boolean {
  return text[end - 1] === "\n" || /^[ \t]*(?:\r?\n|$)/.test(text.slice(end, end + 300));
}

/** A YAML text without an entry of its first document and the lines of that entry. */
export function unsetInYaml(source: Source, given: string, path: Path): string | undefined {
  const yaml = parseYamlSource(source, given);
  const { text } = yaml;
  const root = rootOf(yaml.documents[0]);
  const last = path.at(-1);
  const parent = path.slice(0, -1).reduce<Node | undefined>(stepInto, root);
  if (!isMap(parent) || typeof last !== "string") return undefined;
  const at = parent.items.findIndex((each) => isScalar(each.key) && String(each.key.value) === last);
  const pair = parent.items[at];
  if (pair === undefined || !isScalar(pair.key)) return undefined;
  const [start] = rangeOf(pair.key);
  const end = Math.max(rangeOf(pair.key)[1], pair.value === null ? 0 : rangeOf(pair.value as Node)[1]);
  if (parent.flow === true) {
    const comma = /^\s*,\s*/.exec(text.slice(end))?.[0].length ?? 0;
    const before = comma === 0 ? commaBefore(text.slice(0, start)) : 0;
    return spliced(text, [{ start: start - before, end: end + comma, text: "" }]);
  }
  if (parent.items.length === 1 && parent !== root) {
    const [from, to] = rangeOf(parent);
    const behind = text[to - 1] === "\n" ? to - 1 : to;
    return spliced(text, [{ start: from, end: behind, text: "{}" }]);
  }
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const close = text[end - 1] === "\n" ? end - 1 : text.indexOf("\n", end);
  // The first entry of a list's item shares its line with the dash.
  const own = text.slice(from, start).trim() === "";
  const next = parent.items[at + 1]?.key;
  if (!own) return isScalar(next) ? spliced(text, [{ start, end: rangeOf(next)[0], text: "" }]) : undefined;
  return spliced(text, [{ start: from, end: close === -1 ? text.length : close + 1, text: "" }]);
}

function stepInto(node: Node | undefined, step: string | number): Node | undefined {
  if (isMap(node))
    return node.items.find((each) => isScalar(each.key) && String(each.key.value) === step)?.value as Node | undefined;
  return isSeq(node) && typeof step === "number" ? (node.items[step] as Node | undefined) : undefined;
}

function rootOf(document: ParsedDocument | undefined): YAMLMap | undefined {
  const contents: Node | null | undefined = document?.contents;
  return isMap(contents) ? contents : undefined;
}

/** The length of a comma and the white space behind it at a text's end. */
function commaBefore(text: string): number {
  const blank = blankAtEnd(text);
  return text[text.length - blank - 1] === "," ? blank + 1 : 0;
}
