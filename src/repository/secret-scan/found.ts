/** A secret that was found in a text. Holds offsets and never the value. */
export interface FoundSecret {
  /** What it is, in words: `a GitHub token`, `the value of db_password`. */
  readonly what: string;
  /**
   * How it was recognised. `issued`: it has the shape that one issuer gives its tokens, and no other text has it.
   * `key`: a private key. `url`: a password in an address. `assigned`: its name says secret, and its looks are random.
   */
  readonly by: "issued" | "key" | "url" | "assigned";
  /** Where the value itself begins and ends in the text. */
  readonly offset: number;
  readonly end: number;
}

/** Sorted by place; of two that lie over one another the one that begins first, or else the longer one, is kept. */
export function withoutOverlaps(found: readonly FoundSecret[]): readonly FoundSecret[] {
  const sorted = [...found].sort((a, b) => a.offset - b.offset || b.end - a.end);
  let reached = 0;
  return sorted.filter(({ offset, end }) => {
    if (offset < reached) return false;
    reached = end;
    return true;
  });
}
