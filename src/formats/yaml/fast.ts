import { placeAt } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { maxDepth, type OpenMapping, type Properties, type TreeBuilder } from "./builder.ts";
import { isDocumentMarker, readBlockScalar, readDoubleQuoted, readSingleQuoted } from "./texts.ts";

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

const newline = 10;
const space = 32;
const tab = 9;
const hash = 35;
const colon = 58;
const dash = 45;
/** Begins a tag. */
const bang = 33;
/** Begins an anchor. */
const ampersand = 38;

/** `, [ ] { }` */
const flowIndicators = tableOf(",[]{}");
/** What begins anything but a plain scalar, or begins one only where it is no indicator: `-`, `?`, `:`. */
const specialFirst = tableOf(",[]{}#&*!|>'\"%@`-?:\r\n");

/**
 * Reads the YAML that people write, straight from text to nodes: block and flow collections, all kinds of scalars,
 * anchors, aliases, tags, merge keys, comments, several documents. It gives up (`Unread`) on everything rare
 * (directives, explicit `?` keys, keys that are collections, aliases or anchored, tabs as indentation) and on every
 * mistake, so that it never has to say what is wrong. Its productions call one another over shared positions, so they
 * stand in one file. It is held to the complete reader by a test over a corpus and by
 * properties.
 */
export class FastReader {
  readonly #text: string;
  readonly #length: number;
  readonly #builder: TreeBuilder;
  #at = 0;
  #lineStart = 0;
  #depth = 0;

  constructor(text: string, builder: TreeBuilder) {
    this.#text = text;
    this.#length = text.length;
    this.#builder = builder;
  }

  /** Where the reader stands: behind the last thing that was read. */
  get offset(): number {
    return Math.min(this.#at, this.#length);
  }

  /** Every document of the text. Throws Unread or TooDeep. */
  documents(): TreeNode[] {
    const documents: TreeNode[] = [];
    let explicit = false;
    for (;;) {
      const content = this.#toContent();
      if (content) {
        this.#builder.beginDocument();
        documents.push(this.#blockContent(-1));
        if (this.#toContent()) throw new Unread();
        explicit = false;
      }
      if (this.#at >= this.#length) {
        if (explicit) documents.push(this.#builder.empty(this.#at));
        return documents;
      }
      if (this.#text.charCodeAt(this.#at) === dash) {
        if (explicit) documents.push(this.#builder.empty(this.#at));
        explicit = true;
      } else explicit = false;
      this.#at += 3;
      this.#inlineBlanks();
      // What stands on the marker's own line may be a scalar only; the complete reader knows the rules.
      if (this.#at < this.#length && !this.#atLineEnd() && this.#text.charCodeAt(this.#at) !== hash) throw new Unread();
    }
  }

  /** Skips blanks, comments (go-yaml wants no blank before them) and line ends; false at the text's end and at a document marker. */
  #toContent(): boolean {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === space) at++;
      else if (code === newline) {
        at++;
        this.#lineStart = at;
      } else if (code === hash) {
        const end = text.indexOf("\n", at);
        at = end === -1 ? this.#length : end;
      } else if (code === tab || code === 13) {
        if (code === tab && this.#begins(this.#lineStart, at)) this.#tabIndent(at);
        at = this.#blankRest(at);
      } else break;
    }
    this.#at = at;
    return at < this.#length && !(at === this.#lineStart && isDocumentMarker(text, at));
  }

  /** A tab or carriage return is harmless before a line's end or a comment, and indentation nowhere. */
  #blankRest(start: number): number {
    let at = start;
    while (isBlank(this.#text.charCodeAt(at)) || this.#text.charCodeAt(at) === 13) at++;
    const code = this.#text.charCodeAt(at);
    if (at < this.#length && code !== newline && code !== hash) throw new Unread();
    return at;
  }

  /** Whether only spaces stand between a line's start and an offset. */
  #begins(lineStart: number, at: number): boolean {
    let from = lineStart;
    while (this.#text.charCodeAt(from) === space) from++;
    return from >= at;
  }

  /** go-yaml refuses a tab at a line's start even where the line is empty or a comment. */
  #tabIndent(at: number): void {
    this.#builder.error(tabSentence, placeAt(this.#builder.source, at), tabHint);
  }

  #inlineBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== space && code !== tab) return;
      this.#at++;
    }
  }

  #atLineEnd(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    return (
      code === newline || (code === 13 && this.#text.charCodeAt(this.#at + 1) === newline) || this.#at >= this.#length
    );
  }

  #deeper(): void {
    this.#depth++;
    if (this.#depth > maxDepth) throw new TooDeep(this.#at);
  }

  /** A node that begins where the reader stands, at a column beyond `parentIndent`; it may be a mapping or a list. */
  #blockContent(parentIndent: number): TreeNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === dash && this.#isIndicator(this.#at)) return this.#blockSequence(undefined);
    if (code === bang || code === ampersand) return this.#withProperties(parentIndent, true);
    return this.#scalarOrMapping(parentIndent, undefined);
  }

  /** Whether the character is followed by a blank or a line's end. */
  #isIndicator(at: number): boolean {
    const next = this.#text.charCodeAt(at + 1);
    return next === space || next === newline || next === tab || next === 13 || Number.isNaN(next);
  }

  /** The tag and the anchor that begin where the reader stands, and the blanks behind them. */
  #properties(): Properties {
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== bang && code !== ampersand) return { anchor, tag };
      const word = this.#word();
      if (code === ampersand) {
        if (anchor !== undefined || word.length < 2) throw new Unread();
        anchor = word.slice(1);
      } else {
        if (tag !== undefined || word.startsWith("!<") || /[^!a-zA-Z0-9_:/.-]/.test(word)) throw new Unread();
        tag = word;
      }
      this.#inlineBlanks();
    }
  }

  /** The characters up to the next blank or flow indicator. */
  #word(): string {
    const start = this.#at;
    let at = start;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (at >= this.#length || isBlank(code) || code === newline || code === 13 || flowIndicators[code] === 1) break;
      at++;
    }
    this.#at = at;
    return this.#text.slice(start, at);
  }

  /** A node that begins with its properties, and stands on their line or below. */
  #withProperties(parentIndent: number, mayBeKey: boolean): TreeNode {
    const { anchor, tag } = this.#properties();
    const before = this.#builder.count;
    if (!this.#atLineEnd() && this.#text.charCodeAt(this.#at) !== hash) {
      return this.#builder.anchor(anchor, this.#inlineNode(parentIndent, tag), before);
    }
    const offset = this.#at;
    const hasContent = this.#toContent();
    const column = this.#at - this.#lineStart;
    if (!hasContent || column < parentIndent || (column === parentIndent && !this.#atDash())) {
      return this.#builder.anchor(anchor, this.#builder.empty(offset, tag), before);
    }
    if (column === parentIndent && mayBeKey) throw new Unread();
    const node = this.#atDash() ? this.#blockSequence(tag) : this.#propertyFree(parentIndent, tag);
    return this.#builder.anchor(anchor, node, before);
  }

  #propertyFree(parentIndent: number, tag: string | undefined): TreeNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === bang || code === ampersand) throw new Unread();
    return this.#scalarOrMapping(parentIndent, tag);
  }

  #atDash(): boolean {
    return this.#text.charCodeAt(this.#at) === dash && this.#isIndicator(this.#at);
  }

  /** A scalar, flow collection or alias on the reader's line, which is no key. */
  #inlineNode(parentIndent: number, tag: string | undefined): TreeNode {
    const node = this.#leaf(parentIndent, tag);
    if (node === undefined) return this.#plainValue(parentIndent, tag);
    this.#refuseColon();
    return node;
  }

  /** What begins with an indicator: quoted and block scalars, flow collections, aliases. Undefined for a plain scalar. */
  #leaf(parentIndent: number, tag: string | undefined): TreeNode | undefined {
    const start = this.#at;
    switch (this.#text.charCodeAt(start)) {
      case 34:
      case 39:
        return this.#quotedScalar(tag);
      case 91:
        return this.#flowSequence(tag);
      case 123:
        return this.#flowMapping(tag);
      case 42: {
        const name = this.#word().slice(1);
        if (tag !== undefined || name === "") throw new Unread();
        return this.#builder.alias(name, start, this.#at);
      }
      case 124:
      case 62:
        return this.#blockScalar(parentIndent, tag);
      default:
        return undefined;
    }
  }

  #quotedScalar(tag: string | undefined): TreeNode {
    const start = this.#at;
    return this.#builder.quoted(this.#quotedText(), start, this.#at, tag);
  }

  #quotedText(): string {
    const start = this.#at;
    const double = this.#text.charCodeAt(start) === 34;
    const read = double ? readDoubleQuoted(this.#text, start) : readSingleQuoted(this.#text, start);
    if (read === undefined) throw new Unread();
    this.#moveTo(read.end, start);
    return read.value;
  }

  #blockScalar(parentIndent: number, tag: string | undefined): TreeNode {
    const start = this.#at;
    const read = readBlockScalar(this.#text, start, parentIndent);
    if (read === undefined) throw new Unread();
    // Stands at the line's end before what follows, as behind any other scalar.
    const end = read.end > start && this.#text.charCodeAt(read.end - 1) === newline ? read.end - 1 : read.end;
    this.#moveTo(end, start);
    return this.#builder.quoted(read.value, start, end, tag);
  }

  /** Moves to an offset behind `from` and finds the line it is in. */
  #moveTo(end: number, from: number): void {
    // Within what was read alone: JSON may be one line of megabytes, which must not be searched for each of its texts.
    const lineEnd = this.#text.slice(from, end).lastIndexOf("\n");
    if (lineEnd !== -1) this.#lineStart = from + lineEnd + 1;
    this.#at = end;
  }

  /** Behind a value no colon may follow: it would be a key where none can be. */
  #refuseColon(): void {
    let at = this.#at;
    while (isBlank(this.#text.charCodeAt(at))) at++;
    if (this.#text.charCodeAt(at) === colon) throw new Unread();
  }

  #scalarOrMapping(parentIndent: number, tag: string | undefined): TreeNode {
    const start = this.#at;
    const code = this.#text.charCodeAt(start);
    if (code === 34 || code === 39) {
      const line = this.#lineStart;
      const text = this.#quotedText();
      const end = this.#at;
      if (this.#lineStart === line && this.#takeColon()) return this.#blockMapping(text, false, start, end, tag);
      return this.#builder.quoted(text, start, end, tag);
    }
    const node = specialFirst[code] === 0 ? undefined : this.#leaf(parentIndent, tag);
    if (node !== undefined) {
      this.#refuseColon();
      return node;
    }
    const end = this.#plainEnd(start);
    if (this.#text.charCodeAt(this.#at) === colon) {
      this.#at++;
      return this.#blockMapping(this.#text.slice(start, end), true, start, end, tag);
    }
    return this.#plainLines(start, end, parentIndent, tag);
  }

  /** Takes a colon that makes a key of what came before it; blanks may stand between. */
  #takeColon(): boolean {
    let at = this.#at;
    while (isBlank(this.#text.charCodeAt(at))) at++;
    if (this.#text.charCodeAt(at) !== colon || !this.#isIndicator(at)) return false;
    this.#at = at + 1;
    return true;
  }

  #plainValue(parentIndent: number, tag: string | undefined): TreeNode {
    const start = this.#at;
    const end = this.#plainEnd(start);
    if (this.#text.charCodeAt(this.#at) === colon) throw new Unread();
    return this.#plainLines(start, end, parentIndent, tag);
  }

  /**
   * The end of a plain scalar's text on this line, without blanks behind it. The reader then stands at the line's end,
   * at a comment, or at the colon that makes it a key.
   */
  #plainEnd(start: number): number {
    const text = this.#text;
    if (specialFirst[text.charCodeAt(start)] !== 0 && !this.#mayBeginPlain(start)) throw new Unread();
    let at = start;
    let end = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === newline || at >= this.#length) break;
      if (code === colon && this.#isIndicator(at)) break;
      if (code === hash && isBlank(text.charCodeAt(at - 1))) break;
      at++;
      if (code !== space && code !== tab && code !== 13) end = at;
    }
    this.#at = at;
    return end;
  }

  /** Whether a plain scalar begins with a special character: with one that is an indicator elsewhere. */
  #mayBeginPlain(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return (code === dash || code === 63 || code === colon) && !this.#isIndicator(at);
  }

  /** A plain scalar whose first line is read: takes the lines that continue it. */
  #plainLines(start: number, firstEnd: number, parentIndent: number, tag: string | undefined): TreeNode {
    let value: string | undefined;
    let end = firstEnd;
    while (this.#text.charCodeAt(this.#at) !== hash) {
      const next = this.#continuation(parentIndent);
      if (next === undefined) break;
      value ??= this.#text.slice(start, firstEnd);
      const from = this.#at;
      // A continuing line may begin with what no scalar begins with; only keys and comments are told apart.
      end = this.#continuedEnd(from);
      value += (next === 1 ? " " : "\n".repeat(next - 1)) + this.#text.slice(from, end);
    }
    return this.#builder.plain(value ?? this.#text.slice(start, firstEnd), start, end, tag);
  }

  #continuedEnd(from: number): number {
    let at = from;
    let end = from;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (code === newline || at >= this.#length) break;
      if (code === colon && this.#isIndicator(at)) throw new Unread();
      if (code === hash && isBlank(this.#text.charCodeAt(at - 1))) break;
      at++;
      if (code !== space && code !== tab && code !== 13) end = at;
    }
    this.#at = at;
    return end;
  }

  /** Moves to a line that continues a plain scalar and tells how many line ends lie between; undefined when none does. */
  #continuation(parentIndent: number): number | undefined {
    const text = this.#text;
    let at = this.#at;
    let lineStart = this.#lineStart;
    let breaks = 0;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === newline) {
        breaks++;
        lineStart = at + 1;
      } else if (code === tab) {
        if (breaks > 0 && at - lineStart <= parentIndent && this.#begins(lineStart, at)) this.#tabIndent(at);
        at = this.#blankRest(at) - 1;
      } else if (code !== space && code !== 13) break;
      at++;
    }
    if (at >= this.#length || breaks === 0 || at - lineStart <= parentIndent) return undefined;
    if (text.charCodeAt(at) === hash || (at === lineStart && isDocumentMarker(text, at))) return undefined;
    this.#at = at;
    this.#lineStart = lineStart;
    return breaks;
  }

  /** A mapping whose first key is read; the reader stands behind its colon. */
  #blockMapping(firstKey: string, plainKey: boolean, start: number, keyEnd: number, tag: string | undefined): TreeNode {
    this.#deeper();
    const indent = start - this.#lineStart;
    const mapping = this.#builder.open();
    let key = firstKey;
    let plain = plainKey;
    let keyStart = start;
    let end = keyEnd;
    for (;;) {
      this.#builder.put(mapping, key, plain, keyStart, end, this.#mappingValue(indent));
      const valueEnd = this.#at;
      const hasContent = this.#toContent();
      const column = this.#at - this.#lineStart;
      if (!hasContent || column < indent) return this.#closeMapping(mapping, start, valueEnd, tag);
      if (column !== indent) throw new Unread();
      keyStart = this.#at;
      const code = this.#text.charCodeAt(keyStart);
      plain = code !== 34 && code !== 39;
      if (plain) {
        end = this.#plainEnd(keyStart);
        if (this.#text.charCodeAt(this.#at) !== colon) throw new Unread();
        this.#at++;
        key = this.#text.slice(keyStart, end);
      } else {
        const line = this.#lineStart;
        key = this.#quotedText();
        end = this.#at;
        if (this.#lineStart !== line || !this.#takeColon()) throw new Unread();
      }
    }
  }

  #closeMapping(mapping: OpenMapping, start: number, end: number, tag: string | undefined): TreeNode {
    this.#depth--;
    return this.#builder.close(mapping, start, end, tag);
  }

  /** The value behind a key's colon. */
  #mappingValue(indent: number): TreeNode {
    const colonEnd = this.#at;
    this.#inlineBlanks();
    const code = this.#text.charCodeAt(this.#at);
    if (specialFirst[code] === 0) return this.#plainValue(indent, undefined);
    if (code !== hash && !this.#atLineEnd()) {
      if (this.#atDash()) throw new Unread();
      if (code === bang || code === ampersand) return this.#withProperties(indent, false);
      return this.#inlineNode(indent, undefined);
    }
    if (!this.#toContent()) return this.#builder.empty(colonEnd);
    const column = this.#at - this.#lineStart;
    if (column > indent) return this.#blockContent(indent);
    return column === indent && this.#atDash() ? this.#blockSequence(undefined) : this.#builder.empty(colonEnd);
  }

  #blockSequence(tag: string | undefined): TreeNode {
    this.#deeper();
    const start = this.#at;
    const indent = start - this.#lineStart;
    const items: TreeNode[] = [];
    let end = start;
    for (;;) {
      this.#at++;
      items.push(this.#sequenceItem(indent));
      end = this.#at;
      const hasContent = this.#toContent();
      const column = this.#at - this.#lineStart;
      if (!hasContent || column < indent || (column === indent && !this.#atDash())) break;
      if (column !== indent) throw new Unread();
    }
    this.#depth--;
    return this.#builder.sequence(items, start, end, tag);
  }

  #sequenceItem(indent: number): TreeNode {
    const dashEnd = this.#at;
    const line = this.#lineStart;
    while (this.#text.charCodeAt(this.#at) === space) this.#at++;
    if (this.#text.charCodeAt(this.#at) === tab) this.#at = this.#blankRest(this.#at);
    if (!this.#toContent()) return this.#builder.empty(dashEnd);
    if (this.#lineStart !== line && this.#at - this.#lineStart <= indent) return this.#builder.empty(dashEnd);
    return this.#blockContent(indent);
  }

  /** Skips what may stand between the parts of a flow collection. */
  #flowBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === newline) {
        this.#at++;
        this.#lineStart = this.#at;
        if (isDocumentMarker(this.#text, this.#at)) throw new Unread();
      } else if (code === space || code === tab || code === 13) this.#at++;
      else if (code === hash) {
        const end = this.#text.indexOf("\n", this.#at);
        if (end === -1) throw new Unread();
        this.#at = end;
      } else return;
    }
  }

  #flowSequence(tag: string | undefined): TreeNode {
    this.#deeper();
    const start = this.#at++;
    const items: TreeNode[] = [];
    for (;;) {
      this.#flowBlanks();
      if (this.#text.charCodeAt(this.#at) === 93) break;
      items.push(this.#flowNode());
      this.#flowBlanks();
      const code = this.#text.charCodeAt(this.#at);
      if (code === 44) this.#at++;
      else if (code !== 93) throw new Unread();
    }
    this.#at++;
    this.#depth--;
    return this.#builder.sequence(items, start, this.#at, tag);
  }

  #flowMapping(tag: string | undefined): TreeNode {
    this.#deeper();
    const start = this.#at++;
    const mapping = this.#builder.open();
    for (;;) {
      this.#flowBlanks();
      if (this.#text.charCodeAt(this.#at) === 125) break;
      this.#flowEntry(mapping);
      this.#flowBlanks();
      const code = this.#text.charCodeAt(this.#at);
      if (code === 44) this.#at++;
      else if (code !== 125) throw new Unread();
    }
    this.#at++;
    return this.#closeMapping(mapping, start, this.#at, tag);
  }

  #flowEntry(mapping: OpenMapping): void {
    const start = this.#at;
    const code = this.#text.charCodeAt(start);
    const plain = code !== 34 && code !== 39;
    const key = plain ? this.#flowPlain() : this.#quotedText();
    const end = this.#at;
    this.#flowBlanks();
    const next = this.#text.charCodeAt(this.#at + 1);
    const hasValue =
      this.#text.charCodeAt(this.#at) === colon &&
      (!plain || this.#isIndicator(this.#at) || flowIndicators[next] === 1);
    if (!hasValue) {
      this.#builder.put(mapping, key, plain, start, end, this.#builder.empty(end));
      return;
    }
    this.#at++;
    this.#flowBlanks();
    const after = this.#text.charCodeAt(this.#at);
    const value = after === 44 || after === 125 ? this.#builder.empty(this.#at) : this.#flowNode();
    this.#builder.put(mapping, key, plain, start, end, value);
  }

  #flowNode(): TreeNode {
    const first = this.#text.charCodeAt(this.#at);
    if (first !== bang && first !== ampersand) return this.#flowValue(undefined);
    const { anchor, tag } = this.#properties();
    const before = this.#builder.count;
    this.#flowBlanks();
    const next = this.#text.charCodeAt(this.#at);
    const isEmpty = next === 44 || next === 93 || next === 125;
    return this.#builder.anchor(anchor, isEmpty ? this.#builder.empty(this.#at, tag) : this.#flowValue(tag), before);
  }

  /** A node of a flow collection, its properties read. */
  #flowValue(tag: string | undefined): TreeNode {
    const start = this.#at;
    const code = this.#text.charCodeAt(start);
    if (code === 124 || code === 62) throw new Unread();
    const leaf = specialFirst[code] === 0 ? undefined : this.#leaf(-1, tag);
    const node = leaf ?? this.#builder.plain(this.#flowPlain(), start, this.#at, tag);
    // `[a: b]` is a list of mappings, which the complete reader reads.
    this.#flowBlanks();
    if (this.#text.charCodeAt(this.#at) === colon) throw new Unread();
    return node;
  }

  /** The text of a plain scalar inside a flow collection, on one line. */
  #flowPlain(): string {
    const text = this.#text;
    const start = this.#at;
    if (specialFirst[text.charCodeAt(start)] !== 0 && !this.#mayBeginPlain(start)) throw new Unread();
    let at = start;
    let end = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (at >= this.#length) throw new Unread();
      if (code === newline) {
        // The scalar ends here only when the collection goes on with an indicator.
        let next = at;
        while (text.charCodeAt(next) === newline || text.charCodeAt(next) === 13 || isBlank(text.charCodeAt(next)))
          next++;
        const follows = text.charCodeAt(next);
        if (follows !== 44 && follows !== 93 && follows !== 125) throw new Unread();
        break;
      }
      if (flowIndicators[code] === 1) break;
      if (code === colon && (this.#isIndicator(at) || flowIndicators[text.charCodeAt(at + 1)] === 1)) break;
      if (code === hash && isBlank(text.charCodeAt(at - 1))) break;
      at++;
      if (code !== space && code !== tab && code !== 13) end = at;
    }
    this.#at = end;
    return text.slice(start, end);
  }
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

/** For each UTF-16 unit whether it is one of the characters: one look, where to compare would take one for each. */
function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
