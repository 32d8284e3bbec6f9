/** One text that facts were read from. Keeps where its lines begin, never the text itself. */
export class Source {
  /** As a person would name it: relative to the folder that was checked, with `/` between the parts. */
  readonly path: string;
  readonly #lineStarts: readonly number[];

  constructor(path: string, text: string) {
    this.path = path;
    this.#lineStarts = lineStartsOf(text);
  }

  get lines(): number {
    return this.#lineStarts.length;
  }

  /** Line and column of an offset in UTF-16 units, both from 1. An offset past the end is the end of the last line. */
  locate(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(0, offset - (this.#lineStarts[low] ?? 0)) + 1 };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
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
