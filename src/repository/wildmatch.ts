/** One place of a pattern's part: a character that fits, or a star. */
type Token = "star" | ((character: string) => boolean);
type Part = "globstar" | readonly Token[];

/**
 * Git's patterns for paths (wildmatch with `WM_PATHNAME`): `*`, `?`, `[…]`, `\` and `**` between slashes.
 * Matching takes at most pattern times path steps, whatever the pattern.
 */
export class Wildmatch {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Undefined for a pattern that can match nothing (`[` without end, a backslash at the end). */
  static parse(pattern: string): Wildmatch | undefined {
    const parts: Part[] = [];
    for (const text of splitParts(pattern)) {
      const part = /^\*\*+$/.test(text) ? ("globstar" as const) : parsePart(text);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return new Wildmatch(parts);
  }

  /** Whether the parts of a path match as a whole. */
  matches(path: readonly string[]): boolean {
    // `a/**` is what lies inside `a`, not `a` itself.
    const inside = this.#parts.at(-1) === "globstar" && this.#parts.length > 1;
    const parts = inside ? [...this.#parts, [anyName] as const] : this.#parts;
    return glob<Part, string>(parts, path, (part) => part === "globstar", matchesPart);
  }
}

const anyName: Token = "star";

/** The parts between slashes; a slash within `[…]` is a member of the set (which matches no slash). */
function splitParts(pattern: string): readonly string[] {
  const characters = [...pattern];
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] === "\\") at += 1;
    else if (characters[at] === "[") at = parseSet(characters, at + 1)?.end ?? at;
    else if (characters[at] === "/") {
      parts.push(characters.slice(start, at).join(""));
      start = at + 1;
    }
  }
  return [...parts, characters.slice(start).join("")];
}

function matchesPart(part: Part, name: string): boolean {
  if (part === "globstar") return true;
  return glob<Token, string>(
    part,
    [...name],
    (token) => token === "star",
    (token, character) => token === "star" || token(character),
  );
}

/** Matching with wildcards that stand for any number of items: on a mismatch the last wildcard takes one item more. */
function glob<P, I>(
  pattern: readonly P[],
  items: readonly I[],
  isWild: (part: P) => boolean,
  fits: (part: P, item: I) => boolean,
): boolean {
  let at = 0;
  let item = 0;
  let wildAt = -1;
  let wildItem = 0;
  while (item < items.length) {
    const part = pattern[at];
    const current = items[item] as I;
    if (part !== undefined && isWild(part)) {
      wildAt = at;
      wildItem = item;
      at += 1;
    } else if (part !== undefined && fits(part, current)) {
      at += 1;
      item += 1;
    } else if (wildAt !== -1) {
      wildItem += 1;
      item = wildItem;
      at = wildAt + 1;
    } else return false;
  }
  return pattern.slice(at).every(isWild);
}

function parsePart(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      if (tokens.at(-1) !== "star") tokens.push("star");
    } else if (character === "?") tokens.push(() => true);
    else if (character === "[") {
      const set = parseSet(characters, at + 1);
      if (set === undefined) return undefined;
      tokens.push(set.fits);
      at = set.end;
    } else if (character === "\\") {
      at += 1;
      const literal = characters[at];
      if (literal === undefined) return undefined;
      tokens.push((candidate) => candidate === literal);
    } else tokens.push((candidate) => candidate === character);
  }
  return tokens;
}

const namedSets: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    alnum: /[A-Za-z0-9]/,
    alpha: /[A-Za-z]/,
    blank: /[ \t]/,
    digit: /[0-9]/,
    lower: /[a-z]/,
    punct: /[!-/:-@[-`{-~]/,
    space: /\s/,
    upper: /[A-Z]/,
    xdigit: /[0-9A-Fa-f]/,
  }),
);

/** `[a-z]`, `[!abc]`, `[[:digit:]]`; `end` is the index of the closing bracket. */
function parseSet(
  characters: readonly string[],
  start: number,
): { fits: (character: string) => boolean; end: number } | undefined {
  let at = start;
  const negated = characters[at] === "!" || characters[at] === "^";
  if (negated) at += 1;
  const members: ((character: string) => boolean)[] = [];
  for (let first = true; first || characters[at] !== "]"; first = false) {
    if (at >= characters.length) return undefined;
    const named = characters[at] === "[" ? /^\[:(\w+):\]/.exec(characters.slice(at, at + 12).join("")) : null;
    if (named !== null) {
      const known = namedSets.get(named[1] ?? "");
      if (known === undefined) return undefined;
      members.push((character) => known.test(character));
      at += named[0].length;
      continue;
    }
    if (characters[at] === "\\") at += 1;
    const low = characters[at] ?? "";
    at += 1;
    if (characters[at] === "-" && characters[at + 1] !== "]" && characters[at + 1] !== undefined) {
      at += characters[at + 1] === "\\" ? 2 : 1;
      const high = characters[at] ?? "";
      at += 1;
      members.push((character) => character >= low && character <= high);
    } else members.push((character) => character === low);
  }
  return { fits: (character) => members.some((member) => member(character)) !== negated, end: at };
}
