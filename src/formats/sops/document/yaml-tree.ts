import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { isTimestamp } from "../../yaml/scalars.ts";
import { syntaxError, unsupported, withoutBreaks } from "./format.ts";
import type { SopsBranch, SopsComment, SopsEntry, SopsLeaf, SopsList, SopsNode } from "./tree.ts";
import { type CommentSpan, type Holder, type Level, placeComments, type Slot, type Token } from "./yaml-layout.ts";
import { plainScalar, tooLarge } from "./yaml-scalars.ts";
import { isPlain, type ParsedDocument, rangeOf, tagSpan, type YamlSource } from "./yaml-source.ts";

/** Where SOPS's own entry stands in a document. */
export interface OwnEntry {
  readonly key: Scalar;
  readonly value: Node | null;
}

/** One document of a YAML text. */
export interface YamlBranch {
  readonly branch: SopsBranch;
  readonly own: OwnEntry | undefined;
  readonly root: YAMLMap | undefined;
  /** Where its contents and the comments behind them end, and a further entry can stand. */
  readonly end: number;
}

interface HolderNode {
  readonly holder: Holder;
  readonly entries: Map<Slot, { readonly key: string; readonly start: number; readonly value: SopsLeaf | HolderNode }>;
}

/** What is read of each document of a text. Throws a `RingwallError` at the place of what SOPS cannot keep. */
export function readYamlTrees(yaml: YamlSource): readonly YamlBranch[] {
  const marks = documentMarks(yaml);
  const documents = yaml.documents.map((document, at) => new DocumentReader(yaml, document, marks, at).read());
  const comments = commentsOf(yaml, documents);
  const tokens = documents.flatMap(({ tokens: own }) => own);
  distribute(yaml.text, comments, tokens);
  return documents.map(({ root, finish, own, end }) => ({ root, branch: finish(), own, end }));
}

interface ReadDocument {
  readonly tokens: readonly Token[];
  readonly covered: readonly (readonly [start: number, end: number])[];
  readonly flows: readonly FlowSpan[];
  readonly own: OwnEntry | undefined;
  readonly root: YAMLMap | undefined;
  readonly end: number;
  finish(): SopsBranch;
}

interface FlowSpan {
  readonly start: number;
  readonly end: number;
  readonly holder: Holder;
}

/** The lines `---` and `...` that are no part of a value. */
function documentMarks({ text, documents }: YamlSource): readonly number[] {
  const marks: number[] = [];
  for (const match of text.matchAll(/^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm)) {
    const inside = documents.some(({ contents }) => contents !== null && holds(rangeOf(contents), match.index));
    if (!inside) marks.push(match.index);
  }
  return marks;
}

function holds([start, end]: readonly [number, number], offset: number): boolean {
  return offset >= start && offset < end;
}

/** Nesting beyond this is nobody's file, and would exhaust the stack. */
const deepest = 200;

class DocumentReader {
  readonly #yaml: YamlSource;
  readonly #document: ParsedDocument;
  readonly #marks: readonly number[];
  readonly #number: number;
  readonly #tokens: Token[] = [];
  readonly #covered: [number, number][] = [];
  readonly #flows: FlowSpan[] = [];
  #own: OwnEntry | undefined;
  #depth = 0;

  constructor(yaml: YamlSource, document: ParsedDocument, marks: readonly number[], at: number) {
    this.#yaml = yaml;
    this.#document = document;
    this.#marks = marks;
    this.#number = at;
  }

  read(): ReadDocument {
    const contents: Node | null = this.#document.contents;
    const empty = contents === null || (isScalar(contents) && isPlain(contents) && nullText(contents));
    if (!empty && !isMap(contents)) {
      throw unsupported(
        this.#yaml.source,
        contents === null ? 0 : rangeOf(contents)[0],
        "SOPS encrypts documents that are mappings, and this one is a list or a single value.",
        "Put it under a key.",
      );
    }
    const holder = newHolder("branch", []);
    const begin = this.#begin(contents);
    this.#tokens.push(this.#token("document", begin, begin, [], holder, undefined));
    const root = isMap(contents) ? contents : undefined;
    const node: HolderNode = { holder, entries: new Map() };
    if (root !== undefined) this.#map(root, node, []);
    const end = this.#end(contents);
    const column = root === undefined || root.flow === true ? 0 : this.#columnOf(rangeOf(root)[0]);
    this.#tokens.push({ ...this.#token("document", end, end, [], holder, undefined), column });
    const own = this.#own;
    return {
      tokens: this.#tokens,
      covered: this.#covered,
      flows: this.#flows,
      own,
      root,
      end,
      finish: () => finishBranch(node, this.#yaml.text),
    };
  }

  /** Offset of the document's start: its mark, or −1 for the begin of the text. */
  #begin(contents: Node | null): number {
    const limit = contents === null ? (this.#document.range[1] ?? 0) : rangeOf(contents)[0];
    return this.#number === 0 && !this.#marks.some((mark) => mark < limit && this.#yaml.text[mark] === "-")
      ? -1
      : (this.#marks.filter((mark) => mark <= limit).at(-1) ?? -1);
  }

  #end(contents: Node | null): number {
    const { text } = this.#yaml;
    const from = contents === null ? Math.max(this.#begin(contents), 0) + 3 : rangeOf(contents)[1];
    return this.#marks.find((mark) => mark >= from) ?? text.length;
  }

  #map(map: YAMLMap, node: HolderNode, levels: readonly Level[]): void {
    const inner = map.flow === true ? levels : this.#deeper(map, node.holder, levels);
    for (const pair of map.items) {
      const key = this.#key(pair, map);
      const [start, end] = rangeOf(key);
      this.#covered.push([start, end]);
      const value = pair.value as Node | null;
      if (node.holder.path.length === 0 && key.value === "sops") {
        this.#own = { key, value };
        if (value !== null) this.#covered.push([rangeOf(value)[0], Math.max(rangeOf(value)[1], end)]);
        this.#tokens.push(
          this.#token(
            "key",
            start,
            Math.max(end, value === null ? 0 : rangeOf(value)[1] - 1),
            inner,
            node.holder,
            undefined,
          ),
        );
        continue;
      }
      const slot = newSlot(node.holder);
      if (map.flow !== true) {
        this.#tokens.push(this.#token("key", start, end, inner, node.holder, slot));
        this.#tokens.push(this.#token("colon", end, end, inner, node.holder, slot));
      }
      const path = [...node.holder.path, String(key.value)];
      const made = this.#value(value, {
        path,
        slot,
        holder: node.holder,
        levels: inner,
        inFlow: map.flow === true,
        pair,
        indent: this.#columnOf(start),
      });
      node.entries.set(slot, { key: String(key.value), start, value: made });
    }
  }

  #key(pair: Pair, map: YAMLMap): Scalar {
    const { key } = pair;
    const { source } = this.#yaml;
    if (!isScalar(key)) {
      throw unsupported(source, rangeOf(map)[0], "A mapping has a key that is no text; SOPS knows texts as keys only.");
    }
    const text = String(key.value ?? "");
    const resolved = isPlain(key) && text !== "<<" ? plainScalar(text) : undefined;
    const other = isPlain(key) && text !== "<<" && (typeof resolved !== "object" || resolved.type !== "str");
    if (other || (isPlain(key) && isTimestamp(text))) {
      throw unsupported(
        source,
        rangeOf(key)[0],
        "A key is a number, a boolean, a time or nothing; SOPS knows texts as keys only.",
        "Put it in quotes.",
      );
    }
    return key;
  }

  #value(node: Node | null, at: ValuePlace): SopsLeaf | HolderNode {
    if (node === null) return this.#leaf(undefined, at);
    if (isMap(node) || isSeq(node)) return this.#collection(node, at);
    if (isScalar(node)) return this.#leaf(node, at);
    throw syntaxError(this.#yaml.source, isAlias(node) ? rangeOf(node)[0] : 0, "This alias cannot be read.");
  }

  #collection(node: YAMLMap | YAMLSeq, at: ValuePlace): HolderNode {
    // A list in a list stands under the same path: places in lists do not count.
    const made: HolderNode = { holder: newHolder(isMap(node) ? "branch" : "list", at.path), entries: new Map() };
    const [start, end] = rangeOf(node);
    if (node.flow === true) {
      this.#flows.push({ start, end, holder: made.holder });
      if (!at.inFlow) {
        this.#tokens.push({ ...this.#token("flow", start, end, at.levels, at.holder, at.slot), flow: made.holder });
      }
    }
    if (++this.#depth > deepest) throw syntaxError(this.#yaml.source, start, "Values nest too deep in this file.");
    if (isMap(node)) this.#map(node, made, at.levels);
    else this.#list(node, made, at);
    this.#depth -= 1;
    return made;
  }

  #list(seq: YAMLSeq, node: HolderNode, at: ValuePlace): void {
    const dashes = dashesOf(seq);
    const column = dashes[0] === undefined ? 0 : this.#columnOf(dashes[0]);
    const open = at.levels.at(-1);
    // Dashes below their key without indentation open no block of their own.
    const indentless = open !== undefined && open.indent >= column;
    const levels =
      seq.flow === true || indentless ? at.levels : [...at.levels, { indent: column, holder: node.holder }];
    for (const [index, item] of seq.items.entries()) {
      const slot = newSlot(node.holder);
      const dash = seq.flow === true ? undefined : dashes[index];
      if (dash !== undefined) this.#tokens.push(this.#token("dash", dash, dash, levels, node.holder, slot));
      const place: ValuePlace = { path: at.path, slot, holder: node.holder, levels, inFlow: seq.flow === true, dash };
      if (dash !== undefined) Object.assign(place, { indent: this.#columnOf(dash) });
      node.entries.set(slot, { key: "", start: dash ?? 0, value: this.#value(item as Node | null, place) });
    }
  }

  #leaf(node: Scalar | undefined, at: ValuePlace): SopsLeaf {
    if (node === undefined) return { kind: "leaf", value: undefined, start: 0, end: 0 };
    let [start, end] = rangeOf(node);
    const written = end > start;
    if (written) this.#covered.push([start, end]);
    if (written && !at.inFlow)
      this.#tokens.push(
        this.#token(
          "scalar",
          start,
          Math.max(start, end - (node.type?.startsWith("BLOCK") === true ? 1 : 0)),
          at.levels,
          at.holder,
          at.slot,
        ),
      );
    if (node.tag === "tag:yaml.org,2002:binary") start = tagSpan(this.#yaml.text, node, at.pair)?.start ?? start;
    // The break behind a block of lines stays.
    if (/^BLOCK/.test(node.type ?? "")) end = start + withoutBreaks(this.#yaml.text.slice(start, end)).length;
    return {
      kind: "leaf",
      value: this.#scalar(node, start),
      start,
      end,
      ...(at.indent === undefined || at.inFlow ? {} : { indent: at.indent }),
      ...(at.dash === undefined ? {} : { dash: at.dash }),
    };
  }

  #scalar(node: Scalar, start: number): SopsLeaf["value"] {
    const text = String(node.value ?? "");
    if (node.tag === "tag:yaml.org,2002:binary") {
      return { type: "bytes", bytes: Buffer.from(text.replace(/\s/g, ""), "base64") };
    }
    if (!isPlain(node)) return { type: "str", text };
    const value = plainScalar(text);
    if (value === tooLarge) {
      throw unsupported(
        this.#yaml.source,
        start,
        "A whole number does not fit in 64 bits with a sign; SOPS refuses it.",
        "Put it in quotes.",
      );
    }
    return value;
  }

  #deeper(map: YAMLMap, holder: Holder, levels: readonly Level[]): readonly Level[] {
    const first = map.items[0]?.key;
    return isScalar(first) ? [...levels, { indent: this.#columnOf(rangeOf(first)[0]), holder }] : levels;
  }

  #columnOf(offset: number): number {
    return this.#yaml.source.locate(offset).column - 1;
  }

  #token(
    kind: Token["kind"],
    start: number,
    end: number,
    levels: readonly Level[],
    holder: Holder,
    slot: Slot | undefined,
  ): Token {
    const { line, column } = this.#yaml.source.locate(Math.max(start, 0));
    const endLine = start === -1 ? 0 : this.#yaml.source.locate(Math.max(end, start)).line;
    return { kind, start, line, endLine, column: column - 1, levels, holder, slot };
  }
}

interface ValuePlace {
  readonly path: readonly string[];
  readonly slot: Slot;
  readonly holder: Holder;
  readonly levels: readonly Level[];
  readonly inFlow: boolean;
  readonly pair?: Pair;
  readonly indent?: number;
  readonly dash?: number | undefined;
}

function nullText(node: Scalar): boolean {
  return plainScalar(String(node.value ?? "")) === undefined;
}

function newHolder(kind: Holder["kind"], path: readonly string[]): Holder {
  return { kind, path, first: [], slots: [] };
}

function newSlot(holder: Holder): Slot {
  const slot: Slot = { before: [], after: [] };
  holder.slots.push(slot);
  return slot;
}

/** Offsets of the dashes of a list in block style. */
function dashesOf(seq: YAMLSeq): readonly number[] {
  const token = seq.srcToken;
  if (token?.type !== "block-seq") return [];
  return token.items.flatMap(({ start }) => start.find(({ type }) => type === "seq-item-ind")?.offset ?? []);
}

/** Every comment of a text that is not within a value. */
function commentsOf({ source, text }: YamlSource, documents: readonly ReadDocument[]): readonly CommentSpan[] {
  if (!text.includes("#")) return [];
  const covered = documents.flatMap((document) => document.covered).sort(([one], [other]) => one - other);
  const found: CommentSpan[] = [];
  let at = 0;
  let next = 0;
  for (let hash = text.indexOf("#", at); hash !== -1; hash = text.indexOf("#", at)) {
    while (next < covered.length && (covered[next]?.[1] ?? 0) <= hash) next++;
    const [start, end] = covered[next] ?? [Number.POSITIVE_INFINITY, 0];
    if (start <= hash) {
      at = end;
      continue;
    }
    const before = text[hash - 1];
    at = hash + 1;
    if (before !== undefined && !/[\s,{}[\]]/.test(before)) continue;
    const close = text.indexOf("\n", hash);
    const stop = close === -1 ? text.length : close;
    at = stop;
    const { line, column } = source.locate(hash);
    found.push({
      start: hash,
      end: text[stop - 1] === "\r" ? stop - 1 : stop,
      line,
      column: column - 1,
      otherPaths: [],
    });
  }
  // Within braces a comment belongs to what is nearest around it.
  const flows = documents.flatMap((document) => document.flows);
  return found.filter((comment) => {
    const around = flows.filter((flow) => flow.start < comment.start && comment.start < flow.end).at(-1);
    around?.holder.first.push(comment);
    return around === undefined;
  });
}

function distribute(text: string, comments: readonly CommentSpan[], tokens: readonly Token[]): void {
  let at = 0;
  for (const [index, token] of tokens.entries()) {
    const prior = tokens[index - 1];
    const from = at;
    while (at < comments.length && (comments[at]?.start ?? 0) < token.start) at++;
    if (index === tokens.length - 1) at = comments.length;
    const group = comments.slice(from, at);
    // SOPS's own entry comes right behind what stands last in a document, whatever empty lines are there now.
    const closing = token.kind === "document" ? group.at(-1) : undefined;
    const blankAfter = (comment: CommentSpan) =>
      comment !== closing && /^(?:\r?\n[ \t]*(?:\r?\n|$)|$)/.test(text.slice(comment.end, comment.end + 200));
    if (prior !== undefined) placeComments(group, prior, token, blankAfter);
    else token.holder.first.push(...group);
  }
}

function finishBranch(node: HolderNode, text: string): SopsBranch {
  const items: (SopsEntry | SopsComment)[] = node.holder.first.map((span) => finishComment(span, text));
  for (const slot of node.holder.slots) {
    const entry = node.entries.get(slot);
    items.push(...slot.before.map((span) => finishComment(span, text)));
    if (entry !== undefined) {
      items.push({ kind: "entry", key: entry.key, start: entry.start, value: finishNode(entry.value, text) });
    }
    items.push(...slot.after.map((span) => finishComment(span, text)));
  }
  return { kind: "branch", items };
}

function finishList(node: HolderNode, text: string): SopsList {
  const items: (SopsNode | SopsComment)[] = node.holder.first.map((span) => finishComment(span, text));
  for (const slot of node.holder.slots) {
    const entry = node.entries.get(slot);
    items.push(...slot.before.map((span) => finishComment(span, text)));
    if (entry !== undefined) items.push(finishNode(entry.value, text));
    items.push(...slot.after.map((span) => finishComment(span, text)));
  }
  return { kind: "list", items };
}

function finishNode(node: SopsLeaf | HolderNode, text: string): SopsNode {
  if ("kind" in node) return node;
  return node.holder.kind === "branch" ? finishBranch(node, text) : finishList(node, text);
}

function finishComment({ start, end, otherPaths }: CommentSpan, text: string): SopsComment {
  return { kind: "comment", text: text.slice(start + 1, end), start, end, otherPaths };
}
