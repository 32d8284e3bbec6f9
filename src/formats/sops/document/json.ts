import { RingwallError } from "../../../lib/error.ts";
import type { Source } from "../../../lib/place.ts";
import { parseJson } from "../../json/parse.ts";
import {
  blankAtEnd,
  type Replacement,
  type SopsFormat,
  type SopsText,
  type Splice,
  spliced,
  syntaxError,
  unsupported,
} from "./format.ts";
import type { Meta, MetaMap } from "./metadata.ts";
import { floatScalar, floatWithFraction, isInt64 } from "./scalar.ts";
import type { SopsBranch, SopsEntry, SopsLeaf, SopsList, SopsNode, SopsScalar } from "./tree.ts";

export const jsonFormat: SopsFormat = { read, set: setInJson, unset: unsetInJson };

interface JsonDocument {
  readonly source: Source;
  readonly text: string;
  readonly root: SopsBranch;
  readonly own: SopsEntry | undefined;
  /** Offsets of the braces of each object, and the ends of each value. */
  readonly spans: ReadonlyMap<SopsNode, readonly [start: number, end: number]>;
}

function read(source: Source, text: string): SopsText {
  const document = parse(source, text);
  const { own, root } = document;
  return {
    source,
    text,
    branches: [{ kind: "branch", items: root.items.filter((item) => item !== own) }],
    metadata: own === undefined ? undefined : { meta: metaOf(own.value), offset: own.start },
    render: (replacements, metadata) =>
      spliced(text, [...replacements.map((each) => replaced(source, each)), ...metadataSplices(document, metadata)]),
  };
}

function replaced(source: Source, { of, by }: Replacement): Splice {
  const text = by.as === "cipher" ? JSON.stringify(by.text) : jsonValue(source, of.start, by.value);
  return { start: of.start, end: of.end, text };
}

function jsonValue(source: Source, offset: number, value: SopsScalar): string {
  switch (value.type) {
    case "bool":
      return String(value.value);
    case "int":
      return value.text;
    case "float":
      if (/Inf|NaN/.test(value.text)) throw unsupported(source, offset, "JSON has no way to write this number.");
      return floatWithFraction(value.text);
    case "bytes":
      throw unsupported(source, offset, "This value is no text, and JSON holds texts alone.");
    default:
      return JSON.stringify(value.text);
  }
}

function parse(source: Source, text: string): JsonDocument {
  const { problems } = parseJson(source, text);
  const [problem] = problems;
  if (problem !== undefined) {
    // What stands there may be a secret: the place says enough.
    const cut = problem.message.replace(/; found .*$/s, ".");
    throw new RingwallError("syntax", cut, { place: problem.place });
  }
  return new Reader(source, text).document();
}

const token = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}[\],:"]+))/y;

/** Reads a text that is known to be JSON. */
class Reader {
  readonly #source: Source;
  readonly #text: string;
  readonly #spans = new Map<SopsNode, readonly [number, number]>();
  #at = 0;
  #start = 0;

  constructor(source: Source, text: string) {
    this.#source = source;
    this.#text = text;
  }

  document(): JsonDocument {
    const root = this.#value(this.#next());
    if (root.kind !== "branch") {
      throw unsupported(
        this.#source,
        0,
        "SOPS encrypts JSON whose outermost value is an object, and this one is not.",
        "Put it under a name.",
      );
    }
    const own = root.items.find((item): item is SopsEntry => item.kind === "entry" && item.key === "sops");
    return { source: this.#source, text: this.#text, root, own, spans: this.#spans };
  }

  #next(): string {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text);
    if (found === null) return "";
    const text = found[1] ?? found[2] ?? found[3] ?? "";
    this.#at = token.lastIndex;
    this.#start = this.#at - text.length;
    return text;
  }

  #value(first: string): SopsNode {
    const start = this.#start;
    const made = first === "{" ? this.#object() : first === "[" ? this.#array() : this.#leaf(first, start);
    this.#spans.set(made, [start, this.#at]);
    return made;
  }

  #object(): SopsBranch {
    const items: SopsEntry[] = [];
    const seen = new Set<string>();
    for (let text = this.#next(); text !== "}"; text = this.#next()) {
      if (text === ",") continue;
      const start = this.#start;
      const key = String(JSON.parse(text));
      if (seen.has(key)) throw syntaxError(this.#source, start, "A name stands twice in one object.");
      seen.add(key);
      this.#next();
      items.push({ kind: "entry", key, start, value: this.#value(this.#next()) });
    }
    return { kind: "branch", items };
  }

  #array(): SopsList {
    const items: SopsNode[] = [];
    for (let text = this.#next(); text !== "]"; text = this.#next()) if (text !== ",") items.push(this.#value(text));
    return { kind: "list", items };
  }

  #leaf(text: string, start: number): SopsLeaf {
    return { kind: "leaf", value: this.#scalar(text, start), start, end: this.#at };
  }

  #scalar(text: string, start: number): SopsScalar | undefined {
    if (text.startsWith('"')) return { type: "str", text: String(JSON.parse(text)) };
    if (text === "null") return undefined;
    if (text === "true" || text === "false") return { type: "bool", value: text === "true" };
    if (/^-?\d+$/.test(text) && isInt64(BigInt(text))) return { type: "int", text: BigInt(text).toString() };
    const value = Number(text);
    if (!Number.isFinite(value))
      throw unsupported(this.#source, start, "This number is too large.", "Put it in quotes.");
    return floatScalar(value);
  }
}

function metaOf(node: SopsNode): Meta {
  if (node.kind === "branch") {
    return Object.fromEntries(
      node.items.flatMap((item) => (item.kind === "entry" ? [[item.key, metaOf(item.value)] as const] : [])),
    );
  }
  if (node.kind === "list") return node.items.flatMap((item) => (item.kind === "comment" ? [] : [metaOf(item)]));
  const { value } = node;
  if (value === undefined || value.type === "bytes") return null;
  if (value.type === "bool") return value.value;
  return value.type === "int" ? Number(value.text) : value.text;
}

function metadataSplices(document: JsonDocument, metadata: MetaMap | undefined): readonly Splice[] {
  const { own } = document;
  if (own === undefined) return metadata === undefined ? [] : [appended(document, document.root, "sops", metadata)];
  if (metadata === undefined) return [removed(document, document.root, own)];
  const [start, end] = document.spans.get(own.value) ?? [0, 0];
  return [{ start, end, text: written(metadata, layoutOf(document, document.root)) }];
}

interface Layout {
  /** Undefined for all on one line. */
  readonly unit: string | undefined;
  readonly depth: number;
}

/** How the entries of an object are indented; a tab where nothing tells, as SOPS has it. */
function layoutOf(document: JsonDocument, object: SopsBranch): Layout {
  const [open, end] = document.spans.get(object) ?? [0, 0];
  const inner = document.text.slice(open + 1, end - 1);
  const [, space] = /^[ \t]*\r?\n([ \t]*)/.exec(inner) ?? [];
  const root = document.spans.get(document.root)?.[0] ?? 0;
  const top = /^\{[ \t]*\r?\n([ \t]+)/.exec(document.text.slice(root))?.[1] ?? "\t";
  if (space === undefined)
    return { unit: inner.trim() === "" && object === document.root ? "\t" : undefined, depth: 1 };
  return { unit: top, depth: Math.max(1, Math.round(space.length / top.length)) };
}

function written(value: Meta, { unit, depth }: Layout): string {
  if (unit === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, unit).replaceAll("\n", `\n${unit.repeat(depth)}`);
}

function appended(document: JsonDocument, object: SopsBranch, key: string, value: Meta | string): Splice {
  const layout = layoutOf(document, object);
  return appendedText(document, object, key, written(value, layout), layout);
}

function appendedText(document: JsonDocument, object: SopsBranch, key: string, text: string, layout: Layout): Splice {
  const [open, end] = document.spans.get(object) ?? [0, 0];
  const last = object.items.at(-1);
  const at = last?.kind === "entry" ? (document.spans.get(last.value)?.[1] ?? open + 1) : open + 1;
  const comma = last === undefined ? "" : ",";
  const line = layout.unit === undefined ? (last === undefined ? "" : " ") : `\n${layout.unit.repeat(layout.depth)}`;
  const close = last === undefined && layout.unit !== undefined ? `\n${layout.unit.repeat(layout.depth - 1)}` : "";
  return {
    start: at,
    end: last === undefined ? end - 1 : at,
    text: `${comma}${line}${JSON.stringify(key)}: ${text}${close}`,
  };
}

function removed({ text, spans }: JsonDocument, object: SopsBranch, entry: SopsEntry): Splice {
  const end = spans.get(entry.value)?.[1] ?? entry.start;
  const at = object.items.indexOf(entry);
  const before = object.items[at - 1];
  if (before?.kind === "entry") return { start: spans.get(before.value)?.[1] ?? entry.start, end, text: "" };
  const next = object.items[at + 1];
  return next?.kind === "entry"
    ? { start: entry.start, end: next.start, text: "" }
    : { start: entry.start - blankAtEnd(text.slice(0, entry.start)), end, text: "" };
}

type Path = readonly (string | number)[];

function setInJson(source: Source, text: string, path: Path, value: SopsScalar): string {
  const document = parse(source, text.trim() === "" ? "{}\n" : text);
  let node: SopsNode = document.root;
  for (const [at, step] of path.entries()) {
    const next: SopsNode | undefined = below(node, step);
    if (next === undefined) {
      const rest = path.slice(at);
      if (node.kind !== "branch" || rest.some((key) => typeof key !== "string")) break;
      const layout = layoutOf(document, node);
      const inner = rest
        .slice(1)
        .reduceRight<string>((made, key) => `{${JSON.stringify(key)}: ${made}}`, jsonValue(source, 0, value));
      return spliced(document.text, [appendedText(document, node, String(rest[0]), inner, layout)]);
    }
    node = next;
  }
  if (node.kind !== "leaf") {
    throw unsupported(
      source,
      document.spans.get(node)?.[0] ?? 0,
      "An object or list stands where a single value is to be set.",
    );
  }
  return spliced(document.text, [{ start: node.start, end: node.end, text: jsonValue(source, node.start, value) }]);
}

function unsetInJson(source: Source, text: string, path: Path): string | undefined {
  const document = parse(source, text.trim() === "" ? "{}\n" : text);
  const parent = path
    .slice(0, -1)
    .reduce<SopsNode | undefined>((node, step) => node && below(node, step), document.root);
  if (parent?.kind !== "branch") return undefined;
  const entry = parent.items.find((item): item is SopsEntry => item.kind === "entry" && item.key === path.at(-1));
  return entry === undefined ? undefined : spliced(text, [removed(document, parent, entry)]);
}

function below(node: SopsNode, step: string | number): SopsNode | undefined {
  if (node.kind === "branch") {
    return node.items.find((item): item is SopsEntry => item.kind === "entry" && item.key === step)?.value;
  }
  return node.kind === "list" && typeof step === "number" ? (node.items[step] as SopsNode | undefined) : undefined;
}
