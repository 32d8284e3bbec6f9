import type { TreeNode } from "../tree.ts";
import type { OpenMapping } from "./builder.ts";
import {
  ampersand,
  bang,
  colon,
  flowIndicators,
  hash,
  isBlank,
  newline,
  space,
  specialFirst,
  tab,
  Unread,
  YamlCursor,
} from "./fast-cursor.ts";
import { isDocumentMarker, readBlockScalar } from "./texts.ts";

/**
 * The nodes that end where their own text says so, whatever the lines around them are indented by: quoted and block
 * scalars, aliases, and flow collections with all that stands in them.
 */
export abstract class FlowReader extends YamlCursor {
  /** What begins with an indicator: quoted and block scalars, flow collections, aliases. Undefined for a plain scalar. */
  protected leaf(parentIndent: number, tag: string | undefined): TreeNode | undefined {
    const start = this.at;
    switch (this.text.charCodeAt(start)) {
      case 34:
      case 39:
        return this.#quotedScalar(tag);
      case 91:
        return this.#flowSequence(tag);
      case 123:
        return this.#flowMapping(tag);
      case 42: {
        const name = this.word().slice(1);
        if (tag !== undefined || name === "") throw new Unread();
        return this.builder.alias(name, start, this.at);
      }
      case 124:
      case 62:
        return this.#blockScalar(parentIndent, tag);
      default:
        return undefined;
    }
  }

  #quotedScalar(tag: string | undefined): TreeNode {
    const start = this.at;
    return this.builder.quoted(this.quotedText(), start, this.at, tag);
  }

  #blockScalar(parentIndent: number, tag: string | undefined): TreeNode {
    const start = this.at;
    const read = readBlockScalar(this.text, start, parentIndent);
    if (read === undefined) throw new Unread();
    // Stands at the line's end before what follows, as behind any other scalar.
    const end = read.end > start && this.text.charCodeAt(read.end - 1) === newline ? read.end - 1 : read.end;
    this.moveTo(end, start);
    return this.builder.quoted(read.value, start, end, tag);
  }

  #flowSequence(tag: string | undefined): TreeNode {
    this.deeper();
    const start = this.at++;
    const items: TreeNode[] = [];
    for (;;) {
      this.#flowBlanks();
      if (this.text.charCodeAt(this.at) === 93) break;
      items.push(this.#flowNode());
      this.#flowBlanks();
      const code = this.text.charCodeAt(this.at);
      if (code === 44) this.at++;
      else if (code !== 93) throw new Unread();
    }
    this.at++;
    this.depth--;
    return this.builder.sequence(items, start, this.at, tag);
  }

  #flowMapping(tag: string | undefined): TreeNode {
    this.deeper();
    const start = this.at++;
    const mapping = this.builder.open();
    for (;;) {
      this.#flowBlanks();
      if (this.text.charCodeAt(this.at) === 125) break;
      this.#flowEntry(mapping);
      this.#flowBlanks();
      const code = this.text.charCodeAt(this.at);
      if (code === 44) this.at++;
      else if (code !== 125) throw new Unread();
    }
    this.at++;
    return this.closeMapping(mapping, start, this.at, tag);
  }

  #flowEntry(mapping: OpenMapping): void {
    const start = this.at;
    const code = this.text.charCodeAt(start);
    const plain = code !== 34 && code !== 39;
    const key = plain ? this.#flowPlain() : this.quotedText();
    const end = this.at;
    this.#flowBlanks();
    const next = this.text.charCodeAt(this.at + 1);
    const hasValue =
      this.text.charCodeAt(this.at) === colon && (!plain || this.isIndicator(this.at) || flowIndicators[next] === 1);
    if (!hasValue) {
      this.builder.put(mapping, key, plain, start, end, this.builder.empty(end));
      return;
    }
    this.at++;
    this.#flowBlanks();
    const after = this.text.charCodeAt(this.at);
    const value = after === 44 || after === 125 ? this.builder.empty(this.at) : this.#flowNode();
    this.builder.put(mapping, key, plain, start, end, value);
  }

  #flowNode(): TreeNode {
    const first = this.text.charCodeAt(this.at);
    if (first !== bang && first !== ampersand) return this.#flowValue(undefined);
    const { anchor, tag } = this.properties();
    const before = this.builder.count;
    this.#flowBlanks();
    const next = this.text.charCodeAt(this.at);
    const isEmpty = next === 44 || next === 93 || next === 125;
    return this.builder.anchor(anchor, isEmpty ? this.builder.empty(this.at, tag) : this.#flowValue(tag), before);
  }

  /** A node of a flow collection, its properties read. */
  #flowValue(tag: string | undefined): TreeNode {
    const start = this.at;
    const code = this.text.charCodeAt(start);
    if (code === 124 || code === 62) throw new Unread();
    const leaf = specialFirst[code] === 0 ? undefined : this.leaf(-1, tag);
    const node = leaf ?? this.builder.plain(this.#flowPlain(), start, this.at, tag);
    // `[a: b]` is a list of mappings, which the complete reader reads.
    this.#flowBlanks();
    if (this.text.charCodeAt(this.at) === colon) throw new Unread();
    return node;
  }

  /** The text of a plain scalar inside a flow collection, on one line. */
  #flowPlain(): string {
    const text = this.text;
    const start = this.at;
    if (specialFirst[text.charCodeAt(start)] !== 0 && !this.mayBeginPlain(start)) throw new Unread();
    let at = start;
    let end = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (at >= this.length) throw new Unread();
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
      if (code === colon && (this.isIndicator(at) || flowIndicators[text.charCodeAt(at + 1)] === 1)) break;
      if (code === hash && isBlank(text.charCodeAt(at - 1))) break;
      at++;
      if (code !== space && code !== tab && code !== 13) end = at;
    }
    this.at = end;
    return text.slice(start, end);
  }

  /** Skips what may stand between the parts of a flow collection. */
  #flowBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === newline) {
        this.at++;
        this.lineStart = this.at;
        if (isDocumentMarker(this.text, this.at)) throw new Unread();
      } else if (code === space || code === tab || code === 13) this.at++;
      else if (code === hash) {
        const end = this.text.indexOf("\n", this.at);
        if (end === -1) throw new Unread();
        this.at = end;
      } else return;
    }
  }

  protected closeMapping(mapping: OpenMapping, start: number, end: number, tag: string | undefined): TreeNode {
    this.depth--;
    return this.builder.close(mapping, start, end, tag);
  }
}
