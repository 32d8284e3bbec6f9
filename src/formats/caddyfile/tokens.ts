import type { InputProblem } from "../../facts/system.ts";
import { type Place, placeAt, type Source } from "../../lib/place.ts";
import type { Environment } from "../proxy/environment.ts";
import { type FilledText, fillVariables } from "./variables.ts";

/** One word of a Caddyfile. */
export interface Token {
  readonly text: string;
  /** Why the text is not the last word: it holds a variable that cannot be told. */
  readonly unresolved?: string;
  readonly quoted: boolean;
  /** The line that it begins on, and the one that it ends on. */
  readonly line: number;
  readonly lastLine: number;
  readonly source: Source;
  /** The folder that imports beside it start from; see `FileOf`. */
  readonly folder: string;
  /** Which import brought it in; tokens of different imports are on different lines. */
  readonly chain: number;
  /** The snippet that it is a word of, where one brought it in. */
  readonly snippet?: string;
  readonly place: Place;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  readonly problems: readonly InputProblem[];
}

/** Words of one file; more are nobody's configuration. */
const mostTokens = 200_000;

/**
 * The words of a Caddyfile: parted by white space, or kept together by `"…"`, backticks, or a heredoc (`<<END`). A `\`
 * at a line's end continues the line. Source: `lexer.go` of Caddy 2.11.
 */
export function tokenize(source: Source, text: string, folder: string, environment: Environment): Tokens {
  const filled = fillVariables(text, environment);
  const lexer = new Lexer(source, filled, folder);
  return lexer.run();
}

const space = /[\s\u0085]/;

class Lexer {
  readonly #source: Source;
  readonly #filled: FilledText;
  readonly #text: string;
  readonly #folder: string;
  readonly #tokens: Token[] = [];
  readonly #problems: InputProblem[] = [];
  #at = 0;
  #line = 1;
  /** Lines that were continued: they count once the line ends. */
  #skipped = 0;

  constructor(source: Source, filled: FilledText, folder: string) {
    this.#source = source;
    this.#filled = filled;
    this.#text = filled.text;
    this.#folder = folder;
  }

  run(): Tokens {
    while (this.#at < this.#text.length && this.#problems.length === 0) {
      this.#next();
      if (this.#tokens.length > mostTokens)
        this.#complain(this.#at, "This file has too many words; the rest of it is not read.");
    }
    return { tokens: this.#tokens, problems: this.#problems };
  }

  #next(): void {
    const char = this.#text[this.#at] ?? "";
    if (char === "\n") {
      this.#line += 1 + this.#skipped;
      this.#skipped = 0;
      this.#at += 1;
    } else if (space.test(char)) this.#at += 1;
    else if (char === "#") this.#comment();
    else if (char === '"') this.#quotedWord();
    else if (char === "`") this.#backticks();
    else if (this.#continues()) {
      this.#at = this.#text.indexOf("\n", this.#at) + 1;
      this.#skipped += 1;
    } else this.#word();
  }

  #comment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  /** Whether a `\` stands here with nothing but the line's end behind it. */
  #continues(): boolean {
    if (this.#text[this.#at] !== "\\") return false;
    const next = this.#text[this.#at + 1];
    return next === "\n" || (next === "\r" && this.#text[this.#at + 2] === "\n");
  }

  #quotedWord(): void {
    const start = this.#at;
    let value = "";
    for (let at = start + 1; ; ) {
      const end = nextOf(this.#text, at, '"', "\\");
      value += this.#text.slice(at, end);
      const char = this.#text[end];
      if (char === undefined) {
        this.#unended(start, '"');
        return;
      }
      if (char === '"') {
        this.#at = end + 1;
        break;
      }
      const escaped = this.#text[end + 1];
      value += escaped === '"' ? '"' : `\\${escaped ?? ""}`;
      at = end + 2;
    }
    this.#spanning(value, start);
  }

  #backticks(): void {
    const start = this.#at;
    const end = this.#text.indexOf("`", start + 1);
    if (end === -1) {
      this.#unended(start, "`");
      return;
    }
    this.#at = end + 1;
    this.#spanning(this.#text.slice(start + 1, end), start);
  }

  /** A quoted word, which may hold line breaks. */
  #spanning(value: string, start: number): void {
    const first = this.#line;
    const breaks = countBreaks(value);
    if (breaks > 0) {
      this.#line += breaks + this.#skipped;
      this.#skipped = 0;
    }
    this.#add(value, start, true, first, first + breaks);
  }

  #word(): void {
    const start = this.#at;
    let value = "";
    let at = start;
    for (; at < this.#text.length; at++) {
      const char = this.#text[at] ?? "";
      if (space.test(char)) break;
      if (char === "\\" && this.#text[at + 1] === "<" && value === "") {
        // An escaped `<` begins no heredoc.
        value = "<";
        at += 1;
        continue;
      }
      if (char === "\\" && /[\r\n]/.test(this.#text[at + 1] ?? "")) break;
      value += char;
    }
    this.#at = at;
    const heredoc = value.startsWith("<<") && this.#text[start] === "<" && /^\r?\n/.test(this.#text.slice(at, at + 2));
    if (heredoc) this.#heredoc(value.slice(2), start);
    else this.#add(value, start, false, this.#line, this.#line);
  }

  #heredoc(marker: string, start: number): void {
    if (!/^[A-Za-z0-9_-]+$/.test(marker)) {
      const found = marker === "" ? "nothing" : `\`${marker}\``;
      this.#complain(start, `Expected a name of letters, digits, "-" and "_" after "<<"; found ${found}.`);
      return;
    }
    const begin = this.#text.indexOf("\n", this.#at) + 1;
    const end = this.#text.indexOf(marker, begin);
    if (end === -1) {
      this.#complain(start, `The text that begins with "<<${marker}" has no end; expected a line with "${marker}".`);
      return;
    }
    const body = this.#text.slice(begin, end);
    const lastBreak = body.lastIndexOf("\n");
    const padding = body.slice(lastBreak + 1);
    const lines = body.slice(0, Math.max(0, lastBreak)).split("\n");
    if (lines.some((line) => line.trim() !== "" && !line.startsWith(padding))) {
      this.#complain(
        start,
        `Every line of the text that begins with "<<${marker}" must begin with the white space before its last "${marker}".`,
      );
      return;
    }
    const value = lines.map((line) => line.replace(/\r/g, "").slice(line.startsWith(padding) ? padding.length : 0));
    this.#at = end + marker.length;
    const first = this.#line;
    this.#line += countBreaks(body) + 1;
    this.#add(lastBreak === -1 ? "" : value.join("\n"), start, true, first, this.#line);
  }

  #add(text: string, start: number, quoted: boolean, line: number, lastLine: number): void {
    const { offsetOf } = this.#filled;
    const why = this.#whyUnresolved(text);
    this.#tokens.push({
      text,
      ...(why === undefined ? {} : { unresolved: why }),
      quoted,
      line,
      lastLine,
      source: this.#source,
      folder: this.#folder,
      chain: 0,
      place: placeAt(this.#source, offsetOf(start), offsetOf(this.#at)),
    });
  }

  #whyUnresolved(text: string): string | undefined {
    if (this.#filled.unresolved.size === 0 || !text.includes("{$")) return undefined;
    const name = /\{\$([^{}]{1,200})\}/.exec(text)?.[1];
    return name === undefined ? undefined : this.#filled.unresolved.get(name);
  }

  #unended(start: number, quote: string): void {
    this.#complain(start, `The text that begins with ${quote} here has no end; expected another ${quote}.`);
  }

  #complain(offset: number, message: string): void {
    const place = placeAt(this.#source, this.#filled.offsetOf(offset));
    this.#problems.push({ severity: "error", message, place });
    this.#at = this.#text.length;
  }
}

function nextOf(text: string, from: number, a: string, b: string): number {
  for (let at = from; at < text.length; at++) if (text[at] === a || text[at] === b) return at;
  return text.length;
}

function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** Whether the second of two tokens stands on a line after the first. */
export function onNewLine(first: Token, second: Token): boolean {
  return first.source !== second.source || first.chain !== second.chain || first.lastLine < second.line;
}
