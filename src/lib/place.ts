import { lineAt, lineStartsOf } from "./line-starts.ts";

/** More lines than this are looked up by halving, in a list; fewer are counted through, and kept as one short text. */
const mostCounted = 1_000;

/** What a unit of a text can hold. */
const mostInUnit = 0xffff;

interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/** One text that facts were read from. Keeps where its lines begin, never the text itself. */
export class Source {
  /** As a person would name it: relative to the folder that was checked, with `/` between the parts. */
  readonly path: string;
  /**
   * Where the lines begin; or the lengths of all lines but the last, each a unit of a text: a byte a line most often, where
   * a list takes eight, and as long as a finding lives its file's lines do.
   */
  readonly #lines: string | readonly number[];

  constructor(path: string, text: string) {
    this.path = path;
    this.#lines = linesOf(text);
  }

  get lines(): number {
    return typeof this.#lines === "string" ? this.#lines.length + 1 : this.#lines.length;
  }

  /** Line and column of an offset in UTF-16 units, both from 1. An offset past the end is the end of the last line. */
  locate(offset: number): LineAndColumn {
    if (typeof this.#lines === "string") return counted(this.#lines, offset);
    const line = lineAt(this.#lines, offset);
    return placed(line, offset, this.#lines[line] ?? 0);
  }
}

function linesOf(text: string): string | readonly number[] {
  const starts = lineStartsOf(text);
  if (starts.length > mostCounted) return starts;
  const lengths = starts.slice(1).map((start, at) => start - (starts[at] ?? 0));
  return lengths.some((length) => length > mostInUnit) ? starts : String.fromCharCode(...lengths);
}

function counted(lengths: string, offset: number): LineAndColumn {
  let line = 0;
  let start = 0;
  for (; line < lengths.length; line++) {
    const next = start + lengths.charCodeAt(line);
    if (next > offset) break;
    start = next;
  }
  return placed(line, offset, start);
}

function placed(line: number, offset: number, start: number): LineAndColumn {
  return { line: line + 1, column: Math.max(0, offset - start) + 1 };
}

/**
 * Where something was learnt.
 *
 * `file`: an offset in a text; line and column are computed only when asked for. With `whole` the text as a whole is meant,
 * and its beginning says nothing.
 * `object`: something with no text, such as a container of an engine or a probe's attempt, named in words.
 * `nowhere`: no place can be given, and `why` says so. A wrong place is worse than none.
 */
export type Place =
  | {
      readonly kind: "file";
      readonly source: Source;
      readonly offset: number;
      readonly end?: number;
      readonly whole?: true;
    }
  | { readonly kind: "object"; readonly locator: string }
  | { readonly kind: "nowhere"; readonly why: string };

/** The place of an offset in a text. */
export function placeAt(source: Source, offset: number, end?: number): Place {
  return end === undefined ? { kind: "file", source, offset } : { kind: "file", source, offset, end };
}

/** The place of a text as a whole. */
export function wholeFile(source: Source): Place {
  return { kind: "file", source, offset: 0, whole: true };
}

/** `file:line:column`, of a whole file its name alone, the object's name, or the reason why no place is known. */
export function describePlace(place: Place): string {
  switch (place.kind) {
    case "file": {
      if (place.whole === true) return place.source.path;
      const { line, column } = place.source.locate(place.offset);
      return `${place.source.path}:${line}:${column}`;
    }
    case "object":
      return place.locator;
    case "nowhere":
      return `place unknown (${place.why})`;
  }
}
