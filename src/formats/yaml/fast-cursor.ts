import { placeAt } from "../../lib/place.ts";
import { maxDepth, type Properties, type TreeBuilder } from "./builder.ts";
import { isDocumentMarker, readDoubleQuoted, readSingleQuoted } from "./texts.ts";

/** Thrown by the fast reader where a text leaves what it reads; the whole text is then read by the complete one. */
export class Unread extends Error {}

export const tabSentence = "A tab stands where the line is indented; YAML allows only spaces there.";
export const tabHint = "Replace the tab by spaces.";

/** Thrown where a text nests deeper than `maxDepth`. */
export class TooDeep extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super();
    this.offset = offset;
  }
}

export const newline = 10;
export const space = 32;
export const tab = 9;
export const hash = 35;
export const colon = 58;
export const dash = 45;
/** Begins a tag. */
export const bang = 33;
/** Begins an anchor. */
export const ampersand = 38;

/** `, [ ] { }` */
export const flowIndicators = tableOf(",[]{}");
/** What begins anything but a plain scalar, or begins one only where it is no indicator: `-`, `?`, `:`. */
export const specialFirst = tableOf(",[]{}#&*!|>'\"%@`-?:\r\n");

/**
 * Where the fast reader stands in a text, and what moves it on that makes no node: blanks, comments and line ends, words
 * and properties, the texts of keys and scalars. Throws Unread on what the fast reader leaves to the complete one.
 */
export abstract class YamlCursor {
  protected readonly text: string;
  protected readonly length: number;
  protected readonly builder: TreeBuilder;
  protected at = 0;
  protected lineStart = 0;
  protected depth = 0;

  constructor(text: string, builder: TreeBuilder) {
    this.text = text;
    this.length = text.length;
    this.builder = builder;
  }

  /** Where the reader stands: behind the last thing that was read. */
  get offset(): number {
    return Math.min(this.at, this.length);
  }

  /** Skips blanks, comments (go-yaml wants no blank before them) and line ends; false at the text's end and at a document marker. */
  protected toContent(): boolean {
    const text = this.text;
    let at = this.at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === space) at++;
      else if (code === newline) {
        at++;
        this.lineStart = at;
      } else if (code === hash) {
        const end = text.indexOf("\n", at);
        at = end === -1 ? this.length : end;
      } else if (code === tab || code === 13) {
        if (code === tab && this.#begins(this.lineStart, at)) this.#tabIndent(at);
        at = this.blankRest(at);
      } else break;
    }
    this.at = at;
    return at < this.length && !(at === this.lineStart && isDocumentMarker(text, at));
  }

  /** A tab or carriage return is harmless before a line's end or a comment, and indentation nowhere. */
  protected blankRest(start: number): number {
    let at = start;
    while (isBlank(this.text.charCodeAt(at)) || this.text.charCodeAt(at) === 13) at++;
    const code = this.text.charCodeAt(at);
    if (at < this.length && code !== newline && code !== hash) throw new Unread();
    return at;
  }

  /** Whether only spaces stand between a line's start and an offset. */
  #begins(lineStart: number, at: number): boolean {
    let from = lineStart;
    while (this.text.charCodeAt(from) === space) from++;
    return from >= at;
  }

  /** go-yaml refuses a tab at a line's start even where the line is empty or a comment. */
  #tabIndent(at: number): void {
    this.builder.error(tabSentence, placeAt(this.builder.source, at), tabHint);
  }

  protected inlineBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== space && code !== tab) return;
      this.at++;
    }
  }

  protected atLineEnd(): boolean {
    const code = this.text.charCodeAt(this.at);
    return code === newline || (code === 13 && this.text.charCodeAt(this.at + 1) === newline) || this.at >= this.length;
  }

  protected atDash(): boolean {
    return this.text.charCodeAt(this.at) === dash && this.isIndicator(this.at);
  }

  /** Whether the character is followed by a blank or a line's end. */
  protected isIndicator(at: number): boolean {
    const next = this.text.charCodeAt(at + 1);
    return next === space || next === newline || next === tab || next === 13 || Number.isNaN(next);
  }

  /** The characters up to the next blank or flow indicator. */
  protected word(): string {
    const start = this.at;
    let at = start;
    for (;;) {
      const code = this.text.charCodeAt(at);
      if (at >= this.length || isBlank(code) || code === newline || code === 13 || flowIndicators[code] === 1) break;
      at++;
    }
    this.at = at;
    return this.text.slice(start, at);
  }

  /** The tag and the anchor that begin where the reader stands, and the blanks behind them. */
  protected properties(): Properties {
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== bang && code !== ampersand) return { anchor, tag };
      const word = this.word();
      if (code === ampersand) {
        if (anchor !== undefined || word.length < 2) throw new Unread();
        anchor = word.slice(1);
      } else {
        if (tag !== undefined || word.startsWith("!<") || /[^!a-zA-Z0-9_:/.-]/.test(word)) throw new Unread();
        tag = word;
      }
      this.inlineBlanks();
    }
  }

  protected quotedText(): string {
    const start = this.at;
    const double = this.text.charCodeAt(start) === 34;
    const read = double ? readDoubleQuoted(this.text, start) : readSingleQuoted(this.text, start);
    if (read === undefined) throw new Unread();
    this.moveTo(read.end, start);
    return read.value;
  }

  /** Moves to an offset behind `from` and finds the line it is in. */
  protected moveTo(end: number, from: number): void {
    // Within what was read alone: JSON may be one line of megabytes, which must not be searched for each of its texts.
    const lineEnd = this.text.slice(from, end).lastIndexOf("\n");
    if (lineEnd !== -1) this.lineStart = from + lineEnd + 1;
    this.at = end;
  }

  /** Behind a value no colon may follow: it would be a key where none can be. */
  protected refuseColon(): void {
    let at = this.at;
    while (isBlank(this.text.charCodeAt(at))) at++;
    if (this.text.charCodeAt(at) === colon) throw new Unread();
  }

  /** Takes a colon that makes a key of what came before it; blanks may stand between. */
  protected takeColon(): boolean {
    let at = this.at;
    while (isBlank(this.text.charCodeAt(at))) at++;
    if (this.text.charCodeAt(at) !== colon || !this.isIndicator(at)) return false;
    this.at = at + 1;
    return true;
  }

  /** Whether a plain scalar begins with a special character: with one that is an indicator elsewhere. */
  protected mayBeginPlain(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return (code === dash || code === 63 || code === colon) && !this.isIndicator(at);
  }

  /**
   * The end of a plain scalar's text on this line, without blanks behind it. The reader then stands at the line's end,
   * at a comment, or at the colon that makes it a key.
   */
  protected plainEnd(start: number): number {
    const text = this.text;
    if (specialFirst[text.charCodeAt(start)] !== 0 && !this.mayBeginPlain(start)) throw new Unread();
    let at = start;
    let end = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === newline || at >= this.length) break;
      if (code === colon && this.isIndicator(at)) break;
      if (code === hash && isBlank(text.charCodeAt(at - 1))) break;
      at++;
      if (code !== space && code !== tab && code !== 13) end = at;
    }
    this.at = at;
    return end;
  }

  protected continuedEnd(from: number): number {
    let at = from;
    let end = from;
    for (;;) {
      const code = this.text.charCodeAt(at);
      if (code === newline || at >= this.length) break;
      if (code === colon && this.isIndicator(at)) throw new Unread();
      if (code === hash && isBlank(this.text.charCodeAt(at - 1))) break;
      at++;
      if (code !== space && code !== tab && code !== 13) end = at;
    }
    this.at = at;
    return end;
  }

  /** Moves to a line that continues a plain scalar and tells how many line ends lie between; undefined when none does. */
  protected continuation(parentIndent: number): number | undefined {
    const text = this.text;
    let at = this.at;
    let lineStart = this.lineStart;
    let breaks = 0;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === newline) {
        breaks++;
        lineStart = at + 1;
      } else if (code === tab) {
        if (breaks > 0 && at - lineStart <= parentIndent && this.#begins(lineStart, at)) this.#tabIndent(at);
        at = this.blankRest(at) - 1;
      } else if (code !== space && code !== 13) break;
      at++;
    }
    if (at >= this.length || breaks === 0 || at - lineStart <= parentIndent) return undefined;
    if (text.charCodeAt(at) === hash || (at === lineStart && isDocumentMarker(text, at))) return undefined;
    this.at = at;
    this.lineStart = lineStart;
    return breaks;
  }

  protected deeper(): void {
    this.depth++;
    if (this.depth > maxDepth) throw new TooDeep(this.at);
  }
}

export function isBlank(code: number): boolean {
  return code === space || code === tab;
}

/** For each UTF-16 unit whether it is one of the characters: one look, where to compare would take one for each. */
function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
