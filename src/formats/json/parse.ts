import type { InputProblem } from "../../facts/system.ts";
import { placeAt, type Source } from "../../lib/place.ts";
import type { MappingEntry, TreeNode } from "../tree.ts";

/** What stands in one JSON text; `root` is undefined when it is none. */
export interface JsonText {
  readonly root: TreeNode | undefined;
  readonly problems: readonly InputProblem[];
}

/** Nesting beyond this is nobody's configuration, and would exhaust the stack. */
const maxDepth = 200;

/** Reads JSON (RFC 8259) as a tree with places. Of a name that stands twice the last counts, as in most programs. Never throws. */
export function parseJson(source: Source, text: string): JsonText {
  const reader = new JsonReader(source, text);
  try {
    return { root: reader.document(), problems: [] };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const place = placeAt(source, error.offset);
    return { root: undefined, problems: [{ severity: "error", message: error.message, place }] };
  }
}

class Mistake extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const spacePattern = /[ \t\r\n]*/y;
/** A run of characters that stand for themselves. */
const plainPattern = /[^"\\\u0000-\u001f]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class JsonReader {
  readonly #source: Source;
  readonly #text: string;
  #at = 0;

  constructor(source: Source, text: string) {
    this.#source = source;
    this.#text = text;
  }

  document(): TreeNode {
    this.#space();
    const root = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#mistake("Expected the end of the file after the JSON value");
    return root;
  }

  #value(depth: number): TreeNode {
    if (depth > maxDepth)
      throw new Mistake(this.#at, `Values nest more than ${maxDepth} deep here; the file is not read.`);
    const start = this.#at;
    const char = this.#text[start];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') {
      const value = this.#string();
      return { kind: "scalar", value, place: this.#placeFrom(start) };
    }
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (!this.#text.startsWith(word, start)) continue;
      this.#at += word.length;
      return { kind: "scalar", value, place: this.#placeFrom(start) };
    }
    numberPattern.lastIndex = start;
    const number = numberPattern.exec(this.#text)?.[0];
    if (number === undefined) throw this.#mistake("Expected a JSON value");
    this.#at += number.length;
    return { kind: "scalar", value: Number(number), place: this.#placeFrom(start) };
  }

  #object(depth: number): TreeNode {
    const start = this.#at;
    const entries = new Map<string, MappingEntry>();
    this.#at += 1;
    for (this.#space(); !this.#skip("}"); this.#separator("}")) {
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') throw this.#mistake("Expected a name in double quotes");
      const key = this.#string();
      const keyPlace = this.#placeFrom(keyStart);
      this.#space();
      if (!this.#skip(":")) throw this.#mistake('Expected ":" after the name');
      this.#space();
      entries.set(key, { key, keyPlace, value: this.#value(depth + 1) });
      this.#space();
    }
    return { kind: "mapping", entries, place: this.#placeFrom(start) };
  }

  #array(depth: number): TreeNode {
    const start = this.#at;
    const items: TreeNode[] = [];
    this.#at += 1;
    for (this.#space(); !this.#skip("]"); this.#separator("]")) {
      items.push(this.#value(depth + 1));
      this.#space();
    }
    return { kind: "sequence", items, place: this.#placeFrom(start) };
  }

  /** A comma with a value behind it, or nothing before the end. */
  #separator(end: string): void {
    if (this.#text[this.#at] === end) return;
    if (!this.#skip(",")) throw this.#mistake(`Expected "," or "${end}"`);
    this.#space();
    if (this.#text[this.#at] === end) throw this.#mistake(`Expected a value after "," and not "${end}"`);
  }

  #string(): string {
    this.#at += 1;
    let value = "";
    for (;;) {
      plainPattern.lastIndex = this.#at;
      const plain = plainPattern.exec(this.#text)?.[0] ?? "";
      value += plain;
      this.#at += plain.length;
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char !== "\\")
        throw this.#mistake(char === undefined ? "The string has no end" : "A string may not hold this character");
      value += this.#escape();
    }
    this.#at += 1;
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    const known = escapes[letter];
    if (known !== undefined) {
      this.#at += 2;
      return known;
    }
    const code = letter === "u" ? this.#text.slice(this.#at + 2, this.#at + 6) : "";
    if (!/^[0-9a-fA-F]{4}$/.test(code)) throw this.#mistake("This escape is none of JSON's");
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  #space(): void {
    spacePattern.lastIndex = this.#at;
    this.#at += spacePattern.exec(this.#text)?.[0].length ?? 0;
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #placeFrom(start: number) {
    return placeAt(this.#source, start, this.#at);
  }

  #mistake(expected: string): Mistake {
    const rest = this.#text.slice(this.#at, this.#at + 12).split("\n")[0] ?? "";
    const found = this.#at >= this.#text.length ? "the end of the file" : `\`${rest}\``;
    return new Mistake(
      this.#at,
      `This is no valid JSON: ${expected.charAt(0).toLowerCase()}${expected.slice(1)}; found ${found}.`,
    );
  }
}
