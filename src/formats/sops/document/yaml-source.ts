import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseAllDocuments,
  Scalar,
  visit,
} from "yaml";
import { RingwallError } from "../../../lib/error.ts";
import { Source } from "../../../lib/place.ts";
import { parseYaml } from "../../yaml/parse.ts";
import { type Splice, spliced, syntaxError, unsupported, withoutBreaks } from "./format.ts";
import { doubleQuoted, plainScalar } from "./yaml-scalars.ts";

export type ParsedDocument = Document.Parsed;

/** A YAML text in which each value stands at one place: aliases are written out, tags that say nothing are gone. */
export interface YamlSource {
  readonly source: Source;
  readonly text: string;
  readonly documents: readonly ParsedDocument[];
}

/** What aliases may come to when they are written out. */
const largestCopy = 200_000;
const deepest = 200;

/** Parses a text, and writes out what SOPS does not keep. Throws a `RingwallError` at its place. */
export function parseYamlSource(source: Source, text: string): YamlSource {
  refuseOldBreaks(source, text);
  const documents = parsed(source, text);
  const directive = /^%YAML[ \t]+1\.2/m.exec(text);
  if (directive !== null && documents.some(({ directives }) => directives?.yaml.explicit === true)) {
    throw unsupported(
      source,
      directive.index,
      "SOPS reads no document that says it is YAML 1.2.",
      "Take this line out.",
    );
  }
  const splices = documents.flatMap((document) => new Normaliser(source, text, document).splices());
  if (splices.length === 0) return { source, text, documents };
  const written = spliced(text, splices);
  const made = new Source(source.path, written);
  return { source: made, text: written, documents: parsed(made, written) };
}

function parsed(source: Source, text: string): readonly ParsedDocument[] {
  const list = documentsOf(source, text);
  const mistake = list.flatMap((document) => document.errors)[0];
  if (mistake === undefined) return list;
  // The other reader knows how to say what is wrong without showing what stands there.
  const told = parseYaml(source, text).problems.find(({ severity }) => severity === "error");
  const offset = Math.min(mistake.pos[0], text.length);
  if (told === undefined) throw syntaxError(source, offset, sentence(mistake.code));
  throw new RingwallError("syntax", told.message, {
    place: told.place,
    ...(told.hint === undefined ? {} : { hint: told.hint }),
  });
}

/** YAML 1.1, which SOPS's reader follows there, ends lines at these; YAML 1.2 does not. */
function refuseOldBreaks(source: Source, text: string): void {
  const at = text.search(/[\u0085\u2028\u2029]/);
  if (at === -1) return;
  throw unsupported(
    source,
    at,
    "A character stands here that some YAML readers, and SOPS's, take for the end of a line (U+0085, U+2028 or U+2029).",
    'Write it in double quotes as "\\N", "\\L" or "\\P".',
  );
}

function documentsOf(source: Source, text: string): readonly ParsedDocument[] {
  try {
    const documents = parseAllDocuments(text, {
      schema: "failsafe",
      merge: false,
      keepSourceTokens: true,
      prettyErrors: false,
      logLevel: "silent",
      uniqueKeys: true,
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (error instanceof RangeError) throw syntaxError(source, 0, "Values nest too deep in this file.");
    throw error;
  }
}

function sentence(code: string): string {
  return code === "DUPLICATE_KEY" ? "A key stands twice in one mapping." : "This is not valid YAML.";
}

/** Finds what is to be written otherwise in one document, and refuses what cannot be. */
class Normaliser {
  readonly #source: Source;
  readonly #text: string;
  readonly #document: ParsedDocument;
  readonly #splices: Splice[] = [];
  #copied = 0;

  constructor(source: Source, text: string, document: ParsedDocument) {
    this.#source = source;
    this.#text = text;
    this.#document = document;
  }

  splices(): readonly Splice[] {
    visit(this.#document, {
      Alias: (_key, node, path) => {
        if (isPair(path.at(-1)) && (path.at(-1) as Pair).key === node) throw this.#refuse(node, "a key is an alias");
        const [start, end] = rangeOf(node);
        this.#splices.push({ start, end, text: this.#copyOf(node, 0) });
      },
      Collection: (_key, node) => {
        if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq)$/.test(node.tag)) {
          throw this.#refuse(node, "a mapping or list has a tag of its own");
        }
      },
      Scalar: (key, node, path) => {
        if (key === "key") return;
        this.#scalar(node, path.at(-1));
      },
    });
    return this.#splices;
  }

  #scalar(node: Scalar, parent: unknown): void {
    const [start, end] = rangeOf(node);
    if (node.tag !== undefined && node.tag !== "tag:yaml.org,2002:binary") this.#tagged(node, parent);
    const comment = headerComment(node);
    if (comment !== undefined) {
      const body = this.#text.slice(start, end);
      const after = body.length - withoutBreaks(body).length;
      this.#splices.push({ start, end: end - after, text: `${doubleQuoted(String(node.value ?? ""))} ${comment}` });
    }
  }

  #tagged(node: Scalar, parent: unknown): void {
    const tag = tagSpan(this.#text, node, parent);
    const [start, end] = rangeOf(node);
    if (tag === undefined) throw this.#refuse(node, "a tag stands apart from its value");
    if (node.tag === "tag:yaml.org,2002:str" || node.tag === "!") {
      this.#splices.push({ start: tag.start, end: start, text: "" });
      if (node.type === "PLAIN") this.#splices.push({ start, end, text: doubleQuoted(String(node.value ?? "")) });
      return;
    }
    const kinds: Readonly<Record<string, string>> = { int: "int", float: "float", bool: "bool", timestamp: "time" };
    const value = node.type === "PLAIN" ? plainScalar(String(node.value ?? "")) : undefined;
    const type = typeof value === "object" ? value.type : "null";
    const wanted = kinds[(node.tag ?? "").replace("tag:yaml.org,2002:", "")];
    if (wanted !== type) throw this.#refuse(node, "a value has a tag that SOPS does not keep");
    this.#splices.push({ start: tag.start, end: start, text: "" });
  }

  #copyOf(node: unknown, depth: number): string {
    if (depth > deepest || this.#copied > largestCopy) throw this.#refuse(node, "its aliases come to too much");
    if (isAlias(node)) return this.#copyOf(node.resolve(this.#document), depth + 1);
    if (isScalar(node)) return this.#copied_(scalarCopy(node));
    if (isMap(node)) {
      const pairs = node.items.map(
        ({ key, value }) =>
          `${this.#copyOf(key, depth + 1)}: ${value === null ? "null" : this.#copyOf(value, depth + 1)}`,
      );
      return this.#copied_(`{${pairs.join(", ")}}`);
    }
    if (isCollection(node)) {
      return this.#copied_(`[${node.items.map((item) => this.#copyOf(item, depth + 1)).join(", ")}]`);
    }
    throw this.#refuse(node, "an alias leads nowhere");
  }

  #copied_(text: string): string {
    this.#copied += text.length;
    return text;
  }

  #refuse(node: unknown, why: string): RingwallError {
    const range = isScalar(node) || isAlias(node) || isCollection(node) ? rangeOf(node) : [0];
    return unsupported(this.#source, range[0] ?? 0, `This file cannot be encrypted as it stands: ${why}.`);
  }
}

/** A scalar within braces, of the same value. */
function scalarCopy(node: Scalar): string {
  const text = String(node.value ?? "");
  if (node.type !== "PLAIN") return doubleQuoted(text);
  if (text === "") return "null";
  const value = plainScalar(text);
  return typeof value === "object" && value.type === "str" ? doubleQuoted(text) : text;
}

/** Start and end of a node's own text, without its anchor and tag. */
export function rangeOf(node: Node): readonly [start: number, end: number] {
  const range = node.range;
  return range === undefined || range === null ? [0, 0] : [range[0], range[1]];
}

/** Where the tag of a value stands; undefined where it is not on the line of its value. */
export function tagSpan(text: string, node: Scalar, parent: unknown): { readonly start: number } | undefined {
  const [start] = rangeOf(node);
  const key = isPair(parent) && isScalar(parent.key) ? rangeOf(parent.key)[1] : 0;
  const from = Math.max(key, text.lastIndexOf("\n", start - 1) + 1);
  const before = text.slice(from, start);
  const tag = /(?:^|\s)(![^\s!]*![^\s!]*|![^\s!]*)$/.exec(before.trimEnd())?.[1];
  return tag === undefined || before.includes("&") ? undefined : { start: from + before.trimEnd().length - tag.length };
}

/** A comment behind `|` or `>`. */
function headerComment(node: Scalar): string | undefined {
  const token = node.srcToken;
  if (token?.type !== "block-scalar") return undefined;
  const comment = token.props.find((each) => each.type === "comment");
  return comment !== undefined && "source" in comment ? comment.source : undefined;
}

export function isPlain(node: Scalar): boolean {
  return node.type === Scalar.PLAIN || node.type === undefined || node.type === null;
}
