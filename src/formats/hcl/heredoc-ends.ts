const aloneOnLine = /^[ \t]*([\p{ID_Start}_][\p{ID_Continue}-]*)[ \t]*\r?\n/gmu;

/** Knows where a heredoc could end, so that one without an end costs no search through the text. */
export class HeredocEnds {
  readonly #text: string;
  /** For each name that stands alone on a line, where the last such line is. */
  #last: ReadonlyMap<string, number> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a line behind an offset holds the marker and nothing else; a last line without a newline does not count. */
  has(marker: string, after: number): boolean {
    this.#last ??= lastLines(this.#text);
    return (this.#last.get(marker) ?? -1) >= after;
  }
}

function lastLines(text: string): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const match of text.matchAll(aloneOnLine)) if (match[1] !== undefined) last.set(match[1], match.index);
  return last;
}
