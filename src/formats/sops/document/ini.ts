import { RingwallError } from "../../../lib/error.ts";
import { Source } from "../../../lib/place.ts";
import { flatten, unflatten } from "./flatten.ts";
import {
  blankAtEnd,
  type Replacement,
  type SopsFormat,
  type SopsText,
  type Splice,
  spliced,
  syntaxError,
  unsupported,
  withoutBreaks,
} from "./format.ts";
import type { Meta, MetaMap } from "./metadata.ts";
import { floatWithFraction } from "./scalar.ts";
import type { SopsBranch, SopsComment, SopsEntry, SopsScalar } from "./tree.ts";

/**
 * Sections with `name = value`, as SOPS's library reads them: the comment before a section or name belongs to it, quotes
 * and what follows `#` or `;` are no part of a value.
 *
 * Source: getsops/sops v3.13.3, `stores/ini/store.go`; gopkg.in/ini.v1 v1.67.3, `parser.go`, `file.go`.
 */
export const iniFormat: SopsFormat = {
  read,
  set(given, givenText, path, value) {
    const { source, text, sections } = sectionsOf(given, givenText);
    const [section, name, third] = path;
    if (
      typeof section !== "string" ||
      typeof name !== "string" ||
      third !== undefined ||
      !/^[^\s=:#;["`][^\n=:]*$/.test(name)
    ) {
      throw new RingwallError("usage", "A path in an INI file is a section and a name.");
    }
    const found = sections.find((each) => each.name === section);
    const key = found?.keys.find((each) => each.name === name);
    const line = `${name} = ${iniValue(source, 0, value)}\n`;
    if (key !== undefined)
      return spliced(text, [{ start: key.start, end: key.end, text: iniValue(source, key.start, value) }]);
    const open = text === "" || text.endsWith("\n") ? "" : "\n";
    if (found === undefined) return `${text}${open}${text === "" ? "" : "\n"}[${section}]\n${line}`;
    return spliced(text, [
      { start: found.end, end: found.end, text: `${found.end === text.length ? open : ""}${line}` },
    ]);
  },
  unset(given, givenText, path) {
    const { text, sections } = sectionsOf(given, givenText);
    const key = sections.find(({ name }) => name === path[0])?.keys.find(({ name }) => name === path[1]);
    if (key === undefined || path.length !== 2) return undefined;
    return spliced(text, [
      { start: key.line, end: Math.min(text.indexOf("\n", key.end) + 1 || text.length, text.length), text: "" },
    ]);
  },
};

interface Key {
  readonly name: string;
  readonly value: string;
  /** Of the line. */
  readonly line: number;
  /** Of the value. */
  readonly start: number;
  readonly end: number;
  readonly comment: SopsComment | undefined;
}

interface Section {
  readonly name: string;
  readonly start: number;
  readonly comment: SopsComment | undefined;
  readonly keys: Key[];
  /** Behind its last name, or its own line. */
  end: number;
}

interface IniText {
  readonly source: Source;
  readonly text: string;
  readonly sections: readonly Section[];
  /** Behind the last name: nobody's, and SOPS drops it. */
  readonly trailing: SopsComment | undefined;
}

function read(given: Source, givenText: string): SopsText {
  const ini = sectionsOf(given, givenText);
  const { source, text, sections } = ini;
  const own = sections.find(({ name }) => name === "sops");
  const items = sections.filter((section) => section !== own).map(entryOf);
  const loose = own?.comment ?? ini.trailing;
  const meta =
    own === undefined ? undefined : unflatten(own.keys.map(({ name, value }) => [name, value.replaceAll("\\n", "\n")]));
  return {
    source,
    text,
    branches: [{ kind: "branch", items: loose === undefined ? items : [...items, looseEntry(loose)] }],
    metadata: own === undefined ? undefined : { meta: (meta ?? null) as Meta, offset: own.start },
    render: (replacements, metadata) => {
      const splices = replacements.map((each) => replaced(ini, each));
      if (own !== undefined) splices.push({ start: own.start, end: own.end, text: "" });
      const written = spliced(text, splices);
      return metadata === undefined ? trimmed(written, own !== undefined) : withMetadata(written, metadata);
    },
  };
}

/** A comment that belongs to nothing, or to SOPS's own section, is encrypted under that name; SOPS passes it over. */
function looseEntry(comment: SopsComment): SopsEntry {
  return { kind: "entry", key: "sops", start: comment.start, value: { kind: "branch", items: [comment] } };
}

function trimmed(text: string, removed: boolean): string {
  return removed && text.trimEnd() !== "" ? `${withoutBreaks(text)}\n` : text;
}

function entryOf({ name, start, comment, keys }: Section): SopsEntry {
  const items: (SopsEntry | SopsComment)[] = comment === undefined ? [] : [comment];
  for (const key of keys) {
    const leaf = { kind: "leaf", value: { type: "str", text: key.value }, start: key.start, end: key.end } as const;
    items.push({ kind: "entry", key: key.name, start: key.line, value: leaf });
    if (key.comment !== undefined) items.push(key.comment);
  }
  return { kind: "entry", key: name, start, value: { kind: "branch", items } satisfies SopsBranch };
}

function sectionsOf(given: Source, givenText: string): IniText {
  const moved = withoutInlineComments(given, givenText);
  const source = moved === givenText ? given : new Source(given.path, moved);
  return new Reader(source, moved).read();
}

/** Comments behind values and sections go on a line of their own before, as SOPS writes them. */
function withoutInlineComments(source: Source, text: string): string {
  const splices = new Reader(source, text).read().inline;
  return splices.length === 0 ? text : spliced(text, splices);
}

class Reader {
  readonly #source: Source;
  readonly #text: string;
  readonly #sections: Section[] = [];
  readonly #inline: Splice[] = [];
  #at = 0;
  #comment: { start: number; end: number } | undefined;

  constructor(source: Source, text: string) {
    this.#source = source;
    this.#text = text;
  }

  read(): IniText & { readonly inline: readonly Splice[] } {
    this.#sections.push({ name: "DEFAULT", start: 0, comment: undefined, keys: [], end: 0 });
    while (this.#at < this.#text.length) this.#line();
    const [first] = this.#sections;
    const sections = first?.keys.length === 0 ? this.#sections.slice(1) : this.#sections;
    return { source: this.#source, text: this.#text, sections, trailing: this.#takeComment(), inline: this.#inline };
  }

  #line(): void {
    const start = this.#at;
    const close = this.#text.indexOf("\n", start);
    const end = close === -1 ? this.#text.length : close;
    this.#at = end + 1;
    const line = this.#text.slice(start, end);
    const content = line.trimStart();
    const from = start + line.length - content.length;
    if (content === "") return;
    if (/^[#;]/.test(content)) this.#addComment(from, start + line.trimEnd().length);
    else if (content.startsWith("[")) this.#section(content, from, start);
    else this.#key(content, from, start, end);
  }

  #addComment(start: number, end: number): void {
    this.#comment = { start: this.#comment?.start ?? start, end };
  }

  #takeComment(): SopsComment | undefined {
    const span = this.#comment;
    this.#comment = undefined;
    if (span === undefined) return undefined;
    const lines = this.#text
      .slice(span.start, span.end)
      .split("\n")
      .map((line) => line.trim());
    const text = lines.filter((line) => line !== "").join("\n");
    return { kind: "comment", text: text.replace(/^(?:;[; ]*|#[# ]*)/, ""), ...span };
  }

  #section(content: string, from: number, lineStart: number): void {
    const close = content.lastIndexOf("]");
    if (close === -1) throw syntaxError(this.#source, from, "A section's `[` is never closed.", "Add the `]`.");
    const name = content.slice(1, close);
    const behind = content.slice(close + 1);
    const mark = behind.search(/[#;]/);
    if (mark !== -1) this.#moveComment(behind.slice(mark).trim(), lineStart, from + close + 1 + mark);
    if (name === "") throw syntaxError(this.#source, from, "A section has no name.");
    if (name === "DEFAULT") throw unsupported(this.#source, from, "SOPS does not keep a section of the name DEFAULT.");
    this.#sections.push({
      name,
      start: from,
      comment: this.#takeComment(),
      keys: [],
      end: Math.min(this.#at, this.#text.length),
    });
  }

  #moveComment(comment: string, lineStart: number, at: number): void {
    const end = this.#text.indexOf("\n", at);
    const blank = blankAtEnd(this.#text.slice(lineStart, at));
    this.#inline.push({ start: lineStart, end: lineStart, text: `${comment}\n` });
    this.#inline.push({ start: at - blank, end: end === -1 ? this.#text.length : end, text: "" });
  }

  #key(content: string, from: number, lineStart: number, lineEnd: number): void {
    const at = content.search(/[=:]/);
    if (/^["`]/.test(content)) throw unsupported(this.#source, from, "A name in quotes cannot be read here.");
    if (at === -1) throw syntaxError(this.#source, from, "A line has neither `=` nor `:`.", "Write `name = value`.");
    const name = content.slice(0, at).trim();
    if (at === 0 || name === "-") throw unsupported(this.#source, from, "A line has no name before its `=`.");
    const section = this.#sections.at(-1);
    if (section === undefined) return;
    if (section.keys.some((key) => key.name === name)) {
      throw syntaxError(this.#source, from, "A name stands twice in one section; SOPS would keep the last one only.");
    }
    const value = this.#value(from + at + 1, lineStart, lineEnd);
    section.keys.push({ name, line: lineStart, comment: this.#takeComment(), ...value });
    section.end = Math.min(this.#at, this.#text.length);
  }

  #value(from: number, lineStart: number, lineEnd: number): Pick<Key, "value" | "start" | "end"> {
    const raw = this.#text.slice(from, lineEnd);
    const line = raw.trim();
    const start = line === "" ? from + (raw.startsWith(" ") ? 1 : 0) : from + raw.indexOf(line.charAt(0));
    const quote = line.length > 3 && line.startsWith('"""') ? '"""' : line.startsWith("`") ? "`" : undefined;
    if (quote !== undefined) return this.#quoted(start, lineEnd, quote);
    if (line.endsWith("\\"))
      throw unsupported(
        this.#source,
        start,
        "A value goes on in the next line; SOPS would join them.",
        "Write it on one line.",
      );
    const mark = line.search(/[#;]/);
    if (mark !== -1) this.#moveComment(line.slice(mark), lineStart, start + mark);
    const own = (mark === -1 ? line : line.slice(0, mark)).trim();
    const end = start + own.length;
    const inQuotes = own.length >= 2 && /^(?:"[^"]*"|'[^']*')$/.test(own);
    return { value: inQuotes ? own.slice(1, -1) : own, start, end };
  }

  #quoted(start: number, lineEnd: number, quote: string): Pick<Key, "value" | "start" | "end"> {
    const open = start + quote.length;
    const here = this.#text.lastIndexOf(quote, lineEnd - quote.length);
    if (here >= open) return { value: this.#text.slice(open, here), start, end: here + quote.length };
    const close = this.#text.indexOf(quote, lineEnd);
    if (close === -1)
      throw syntaxError(this.#source, start, "A quote that is opened here is never closed.", "Close it.");
    const next = this.#text.indexOf("\n", close);
    this.#at = next === -1 ? this.#text.length : next + 1;
    return { value: this.#text.slice(open, close), start, end: close + quote.length };
  }
}

function replaced({ source, text }: IniText, { of, by }: Replacement): Splice {
  const { start, end } = of;
  if (of.kind === "leaf") {
    return { start, end, text: by.as === "cipher" ? by.text : iniValue(source, start, by.value) };
  }
  const mark = text.charAt(start);
  if (by.as === "cipher") return { start, end, text: `${mark} ${by.text}` };
  const lines = ("text" in by.value ? by.value.text : "").split("\n");
  return { start, end, text: lines.map((line) => (/^[#;]/.test(line) ? line : `${mark} ${line}`)).join("\n") };
}

function iniValue(source: Source, offset: number, value: SopsScalar): string {
  if (value.type === "bool") return String(value.value);
  if (value.type === "float") return floatWithFraction(value.text);
  if (value.type === "bytes") throw unsupported(source, offset, "This value is no text, and INI holds texts alone.");
  const { text } = value;
  if (/[\n`]/.test(text)) {
    if (text.includes('"""') || text.includes("\r") || text.endsWith('"')) {
      throw unsupported(source, offset, "INI has no way to write this value.");
    }
    return `"""${text}"""`;
  }
  if (text.includes("\r")) throw unsupported(source, offset, "INI has no way to write this value.");
  return /[#;]|^["'`]|\\$/.test(text) || text.trim() !== text ? `\`${text}\`` : text;
}

function withMetadata(text: string, metadata: MetaMap): string {
  const entries = flatten(metadata);
  const width = Math.max(...entries.map(([key]) => key.length));
  const lines = entries.map(([key, value]) => `${key.padEnd(width)} = ${value.replaceAll("\n", "\\n")}`);
  const before = text.trimEnd();
  return `${before}${before === "" ? "" : "\n\n"}[sops]\n${lines.join("\n")}\n`;
}
