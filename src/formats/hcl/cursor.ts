import type { InputProblem } from "../../facts/system.ts";
import { type Place, placeAt, type Source } from "../../lib/place.ts";
import type { HclExpression } from "./ast.ts";
import { HeredocEnds } from "./heredoc-ends.ts";

/** Reads one expression; handed to the parts of the parser whose texts hold expressions. */
export type ParseExpression = (cursor: Cursor) => HclExpression;

/** How deep expressions and blocks may nest. */
export const maxDepth = 128;

/** A mistake in the text. Thrown inside the parser alone, and caught where the next argument or block begins. */
export class Fault {
  readonly message: string;
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, hint?: string) {
    this.message = message;
    this.offset = offset;
    this.hint = hint;
  }
}

/** Further mistakes of one text are not told: they mostly follow from the first ones. */
const mostProblems = 20;

const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;

/** A place in a text, with what every part of the parser asks of it. */
export class Cursor {
  readonly source: Source;
  readonly text: string;
  readonly problems: InputProblem[] = [];
  readonly heredocEnds: HeredocEnds;
  /** The place of everything, for a text whose own offsets mean nothing in the source. */
  readonly #within: Place | undefined;
  at: number;
  /** Whether newlines are mere space here, as they are in brackets. */
  lines = false;
  #depth = 0;

  constructor(source: Source, text: string, within?: Place) {
    this.source = source;
    this.text = text;
    this.#within = within;
    this.heredocEnds = new HeredocEnds(text);
    this.at = 0;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  place(start: number, end = this.at): Place {
    return this.#within ?? placeAt(this.source, start, end);
  }

  /** Skips spaces and comments, and newlines where they are mere space. */
  space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x20 || code === 0x09) this.at++;
      else if (code === 0x0a ? this.lines : code === 0x0d && this.lines && this.text[this.at + 1] === "\n") this.at++;
      else if (code === 0x23 || (code === 0x2f && this.text.charCodeAt(this.at + 1) === 0x2f)) this.#lineComment();
      else if (code === 0x2f && this.text.charCodeAt(this.at + 1) === 0x2a) this.#comment();
      else return;
    }
  }

  #lineComment(): void {
    const end = this.text.indexOf("\n", this.at);
    this.at = end === -1 ? this.text.length : end;
    if (end !== -1 && this.text[end - 1] === "\r") this.at--;
  }

  #comment(): void {
    const end = this.text.indexOf("*/", this.at + 2);
    if (end === -1) throw new Fault("The comment that begins here with /* is not closed with */.", this.at);
    this.at = end + 2;
  }

  /** Whether a newline or the text's end comes next; comments and spaces are skipped before it. */
  endsLine(): boolean {
    this.space();
    return this.atEnd || this.looksAt("\n") || this.looksAt("\r\n");
  }

  looksAt(expected: string): boolean {
    return this.text.startsWith(expected, this.at);
  }

  /** Takes the text, and the space before it, where it comes next; stays where it is otherwise. */
  take(expected: string): boolean {
    const before = this.at;
    this.space();
    if (this.looksAt(expected)) {
      this.at += expected.length;
      return true;
    }
    this.at = before;
    return false;
  }

  expect(expected: string, where: string, hint?: string): void {
    if (this.take(expected)) return;
    this.space();
    throw this.fault(`Expected ${shown(expected)} ${where}, but found ${this.found()}.`, hint);
  }

  fault(message: string, hint?: string): Fault {
    return new Fault(message, this.at, hint);
  }

  /** What comes next, in words. Never more than a name or one character, so that no value is shown. */
  found(): string {
    if (this.atEnd) return "the end of the file";
    if (this.looksAt("\n") || this.looksAt("\r\n")) return "the end of the line";
    const start = this.at;
    const name = this.name();
    this.at = start;
    if (name !== undefined) return `the name ${name.slice(0, 40)}`;
    return shown(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0x20));
  }

  /** Takes a name, or nothing. */
  name(): string | undefined {
    const start = this.at;
    identifier.lastIndex = start;
    if (!identifier.test(this.text)) return undefined;
    this.at = identifier.lastIndex;
    return this.text.slice(start, this.at);
  }

  /** Whether the name that comes next is this one. */
  isWord(word: string): boolean {
    if (!this.looksAt(word)) return false;
    const start = this.at;
    const name = this.name();
    this.at = start;
    return name === word;
  }

  /** Runs a part of the parser one level deeper; a text that nests too deep is a fault. */
  deeper<T>(parse: () => T): T {
    if (this.#depth >= maxDepth) throw this.fault(`Blocks and expressions nest more than ${maxDepth} deep here.`);
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  /** Runs a part of the parser in which newlines are mere space, or are not. */
  withLines<T>(lines: boolean, parse: () => T): T {
    const before = this.lines;
    this.lines = lines;
    try {
      return parse();
    } finally {
      this.lines = before;
    }
  }

  note(fault: Fault): void {
    if (this.problems.length >= mostProblems) return;
    const place = this.#within ?? placeAt(this.source, fault.offset);
    const problem = { severity: "error" as const, message: fault.message, place };
    this.problems.push(fault.hint === undefined ? problem : { ...problem, hint: fault.hint });
  }
}

function shown(text: string): string {
  return text === '"' ? "a quotation mark" : `"${text}"`;
}
