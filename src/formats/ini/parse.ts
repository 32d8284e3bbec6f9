/**
 * INI files as Grafana reads them: sections, `key = value`, comments from a `#` or `;` on, also one that stands in quotes.
 *
 * Source: gopkg.in/ini.v1 1.67 (`parser.go`, `key.go`) with the options that Grafana 12 gives it: none
 * (`pkg/setting/setting.go`).
 */
import { placeAt, type Source, wholeFile } from "../../lib/place.ts";
import type { MappingEntry, MappingNode } from "../tree.ts";

/** A mapping of sections to mappings of keys to texts; keys before the first section stand under the empty name. */
export function parseIni(source: Source, text: string): MappingNode {
  const sections = new Map<string, { readonly entry: MappingEntry; readonly keys: Map<string, MappingEntry> }>();
  const open = (name: string, start: number, end: number): Map<string, MappingEntry> => {
    const known = sections.get(name);
    if (known !== undefined) return known.keys;
    const keys = new Map<string, MappingEntry>();
    const place = placeAt(source, start, end);
    sections.set(name, {
      keys,
      entry: { key: name, keyPlace: place, value: { kind: "mapping", entries: keys, place } },
    });
    return keys;
  };
  let keys = open("", 0, 0);
  for (const lines = new Lines(text); ; ) {
    const line = lines.next();
    if (line === undefined) break;
    const { content, start } = line;
    if (content === "" || content.startsWith("#") || content.startsWith(";")) continue;
    if (content.startsWith("[") && content.includes("]")) {
      const name = content.slice(1, content.lastIndexOf("]"));
      keys = open(name, start, start + content.length);
      continue;
    }
    const entry = assignment(source, line, lines);
    if (entry !== undefined) keys.set(entry.key, entry);
  }
  const entries = new Map([...sections].map(([name, { entry }]) => [name, entry]));
  return { kind: "mapping", entries, place: wholeFile(source) };
}

interface Line {
  /** Without the blanks around it. */
  readonly content: string;
  /** Where that begins in the text. */
  readonly start: number;
  /** As it stands there. */
  readonly whole: string;
}

/** The lines of a text, one after the other: a value may take more than its own. */
class Lines {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at > this.#text.length;
  }

  next(): Line | undefined {
    if (this.atEnd) return undefined;
    const end = this.#text.indexOf("\n", this.#at);
    const line = this.#text.slice(this.#at, end === -1 ? undefined : end);
    const content = line.trim();
    const start = this.#at + line.indexOf(content);
    this.#at = end === -1 ? this.#text.length + 1 : end + 1;
    return { content, start, whole: line };
  }
}

/** `key = value` or `key: value`; of a key that stands twice the last counts. Undefined for a line that is neither. */
function assignment(source: Source, { content, start, whole }: Line, lines: Lines): MappingEntry | undefined {
  const named = keyOf(content);
  if (named === undefined) return undefined;
  const written = content.slice(named.end);
  const value = textOf(written.trim(), whole.slice(whole.indexOf(content) + named.end).trimStart(), lines);
  const valueStart = start + named.end + written.length - written.trimStart().length;
  return {
    key: named.key,
    keyPlace: placeAt(source, start, start + content.slice(0, named.end - 1).trimEnd().length),
    value: {
      kind: "scalar",
      value,
      place: placeAt(source, valueStart, start + content.length),
      ...openBy(value),
    },
  };
}

/** The key, in quotes or not, and where what is behind its sign begins. */
function keyOf(content: string): { readonly key: string; readonly end: number } | undefined {
  const quote = /^(?:"""(?=.{4})|"|`)/.exec(content)?.[0] ?? "";
  const close = quote === "" ? 0 : content.indexOf(quote, quote.length);
  if (close === -1) return undefined;
  const rest = content.slice(close + quote.length);
  const sign = rest.search(/[=:]/);
  const end = close + quote.length + sign;
  if (sign === -1 || end === 0) return undefined;
  const key = quote === "" ? content.slice(0, end) : content.slice(quote.length, close);
  return { key: key.trim(), end: end + 1 };
}

function textOf(written: string, withBlanks: string, lines: Lines): string {
  const quote = /^(?:"""|`)/.exec(written)?.[0];
  // Three quotes that end the file are an empty text in quotes of their own.
  if (quote !== undefined && !(written === '"""' && lines.atEnd))
    return quotedBy(quote, withBlanks.slice(quote.length), lines);
  if (written.endsWith("\\")) return continued(written.slice(0, -1), lines);
  const comment = written.search(/[#;]/);
  const value = comment === -1 ? written : written.slice(0, comment).trim();
  return /^'[^']*'$|^"[^"]*"$/.test(value) ? value.slice(1, -1) : value;
}

/** As far as the last of the quotes on a line; what is behind it, and comments before it, are nothing special. */
function quotedBy(quote: string, first: string, lines: Lines): string {
  const parts: string[] = [];
  for (let line: string | undefined = first; line !== undefined; line = lines.next()?.whole) {
    const end = line.lastIndexOf(quote);
    if (end !== -1) return [...parts, line.slice(0, end)].join("\n");
    parts.push(line);
  }
  return first;
}

/** With the lines that follow, as long as each ends in a backslash. Comments and quotes in them are the value's own. */
function continued(first: string, lines: Lines): string {
  const parts = [first];
  for (;;) {
    const { content } = lines.next() ?? { content: "" };
    if (!content.endsWith("\\")) return [...parts, content].join("");
    parts.push(content.slice(0, -1));
  }
}

/**
 * `${HOME}`, `$__file{/run/secrets/x}`, `$__env{X}`: Grafana's ways to take a value from elsewhere; `%(key)s` takes that of
 * another key, which a variable of the environment may set.
 */
function isReference(value: string): boolean {
  return /\$\{[^}]*\}|\$__[a-z]+\{[^}]*\}|%\([^)]+\)s/.test(value);
}

/** Why a value is not what stands there. */
function openBy(value: string): { readonly unresolved?: string } {
  if (/\{\{|\{%|<%/.test(value)) return { unresolved: "a template fills it in" };
  return isReference(value) ? { unresolved: `it comes from ${value}, which is not in these files` } : {};
}
