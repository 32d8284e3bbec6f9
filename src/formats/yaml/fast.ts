import type { TreeNode } from "../tree.ts";
import { ampersand, bang, colon, dash, hash, space, specialFirst, tab, Unread } from "./fast-cursor.ts";
import { FlowReader } from "./fast-flow.ts";

/**
 * Reads the YAML that people write, straight from text to nodes: block and flow collections, all kinds of scalars,
 * anchors, aliases, tags, merge keys, comments, several documents. It gives up (`Unread`) on everything rare
 * (directives, explicit `?` keys, keys that are collections, aliases or anchored, tabs as indentation) and on every
 * mistake, so that it never has to say what is wrong. It is held to the complete reader by a test over a corpus and by
 * properties.
 */
export class FastReader extends FlowReader {
  /** Every document of the text. Throws Unread or TooDeep. */
  documents(): TreeNode[] {
    const documents: TreeNode[] = [];
    let explicit = false;
    for (;;) {
      const content = this.toContent();
      if (content) {
        this.builder.beginDocument();
        documents.push(this.#blockContent(-1));
        if (this.toContent()) throw new Unread();
        explicit = false;
      }
      if (this.at >= this.length) {
        if (explicit) documents.push(this.builder.empty(this.at));
        return documents;
      }
      if (this.text.charCodeAt(this.at) === dash) {
        if (explicit) documents.push(this.builder.empty(this.at));
        explicit = true;
      } else explicit = false;
      this.at += 3;
      this.inlineBlanks();
      // What stands on the marker's own line may be a scalar only; the complete reader knows the rules.
      if (this.at < this.length && !this.atLineEnd() && this.text.charCodeAt(this.at) !== hash) throw new Unread();
    }
  }

  /** A node that begins where the reader stands, at a column beyond `parentIndent`; it may be a mapping or a list. */
  #blockContent(parentIndent: number): TreeNode {
    const code = this.text.charCodeAt(this.at);
    if (code === dash && this.isIndicator(this.at)) return this.#blockSequence(undefined);
    if (code === bang || code === ampersand) return this.#withProperties(parentIndent, true);
    return this.#scalarOrMapping(parentIndent, undefined);
  }

  /** A node that begins with its properties, and stands on their line or below. */
  #withProperties(parentIndent: number, mayBeKey: boolean): TreeNode {
    const { anchor, tag } = this.properties();
    const before = this.builder.count;
    if (!this.atLineEnd() && this.text.charCodeAt(this.at) !== hash) {
      return this.builder.anchor(anchor, this.#inlineNode(parentIndent, tag), before);
    }
    const offset = this.at;
    const hasContent = this.toContent();
    const column = this.at - this.lineStart;
    if (!hasContent || column < parentIndent || (column === parentIndent && !this.atDash())) {
      return this.builder.anchor(anchor, this.builder.empty(offset, tag), before);
    }
    if (column === parentIndent && mayBeKey) throw new Unread();
    const node = this.atDash() ? this.#blockSequence(tag) : this.#propertyFree(parentIndent, tag);
    return this.builder.anchor(anchor, node, before);
  }

  #propertyFree(parentIndent: number, tag: string | undefined): TreeNode {
    const code = this.text.charCodeAt(this.at);
    if (code === bang || code === ampersand) throw new Unread();
    return this.#scalarOrMapping(parentIndent, tag);
  }

  /** A scalar, flow collection or alias on the reader's line, which is no key. */
  #inlineNode(parentIndent: number, tag: string | undefined): TreeNode {
    const node = this.leaf(parentIndent, tag);
    if (node === undefined) return this.#plainValue(parentIndent, tag);
    this.refuseColon();
    return node;
  }

  #scalarOrMapping(parentIndent: number, tag: string | undefined): TreeNode {
    const start = this.at;
    const code = this.text.charCodeAt(start);
    if (code === 34 || code === 39) {
      const line = this.lineStart;
      const text = this.quotedText();
      const end = this.at;
      if (this.lineStart === line && this.takeColon()) return this.#blockMapping(text, false, start, end, tag);
      return this.builder.quoted(text, start, end, tag);
    }
    const node = specialFirst[code] === 0 ? undefined : this.leaf(parentIndent, tag);
    if (node !== undefined) {
      this.refuseColon();
      return node;
    }
    const end = this.plainEnd(start);
    if (this.text.charCodeAt(this.at) === colon) {
      this.at++;
      return this.#blockMapping(this.text.slice(start, end), true, start, end, tag);
    }
    return this.#plainLines(start, end, parentIndent, tag);
  }

  #plainValue(parentIndent: number, tag: string | undefined): TreeNode {
    const start = this.at;
    const end = this.plainEnd(start);
    if (this.text.charCodeAt(this.at) === colon) throw new Unread();
    return this.#plainLines(start, end, parentIndent, tag);
  }

  /** A plain scalar whose first line is read: takes the lines that continue it. */
  #plainLines(start: number, firstEnd: number, parentIndent: number, tag: string | undefined): TreeNode {
    let value: string | undefined;
    let end = firstEnd;
    while (this.text.charCodeAt(this.at) !== hash) {
      const next = this.continuation(parentIndent);
      if (next === undefined) break;
      value ??= this.text.slice(start, firstEnd);
      const from = this.at;
      // A continuing line may begin with what no scalar begins with; only keys and comments are told apart.
      end = this.continuedEnd(from);
      value += (next === 1 ? " " : "\n".repeat(next - 1)) + this.text.slice(from, end);
    }
    return this.builder.plain(value ?? this.text.slice(start, firstEnd), start, end, tag);
  }

  /** A mapping whose first key is read; the reader stands behind its colon. */
  #blockMapping(firstKey: string, plainKey: boolean, start: number, keyEnd: number, tag: string | undefined): TreeNode {
    this.deeper();
    const indent = start - this.lineStart;
    const mapping = this.builder.open();
    let key = firstKey;
    let plain = plainKey;
    let keyStart = start;
    let end = keyEnd;
    for (;;) {
      this.builder.put(mapping, key, plain, keyStart, end, this.#mappingValue(indent));
      const valueEnd = this.at;
      const hasContent = this.toContent();
      const column = this.at - this.lineStart;
      if (!hasContent || column < indent) return this.closeMapping(mapping, start, valueEnd, tag);
      if (column !== indent) throw new Unread();
      keyStart = this.at;
      const code = this.text.charCodeAt(keyStart);
      plain = code !== 34 && code !== 39;
      if (plain) {
        end = this.plainEnd(keyStart);
        if (this.text.charCodeAt(this.at) !== colon) throw new Unread();
        this.at++;
        key = this.text.slice(keyStart, end);
      } else {
        const line = this.lineStart;
        key = this.quotedText();
        end = this.at;
        if (this.lineStart !== line || !this.takeColon()) throw new Unread();
      }
    }
  }

  /** The value behind a key's colon. */
  #mappingValue(indent: number): TreeNode {
    const colonEnd = this.at;
    this.inlineBlanks();
    const code = this.text.charCodeAt(this.at);
    if (specialFirst[code] === 0) return this.#plainValue(indent, undefined);
    if (code !== hash && !this.atLineEnd()) {
      if (this.atDash()) throw new Unread();
      if (code === bang || code === ampersand) return this.#withProperties(indent, false);
      return this.#inlineNode(indent, undefined);
    }
    if (!this.toContent()) return this.builder.empty(colonEnd);
    const column = this.at - this.lineStart;
    if (column > indent) return this.#blockContent(indent);
    return column === indent && this.atDash() ? this.#blockSequence(undefined) : this.builder.empty(colonEnd);
  }

  #blockSequence(tag: string | undefined): TreeNode {
    this.deeper();
    const start = this.at;
    const indent = start - this.lineStart;
    const items: TreeNode[] = [];
    let end = start;
    for (;;) {
      this.at++;
      items.push(this.#sequenceItem(indent));
      end = this.at;
      const hasContent = this.toContent();
      const column = this.at - this.lineStart;
      if (!hasContent || column < indent || (column === indent && !this.atDash())) break;
      if (column !== indent) throw new Unread();
    }
    this.depth--;
    return this.builder.sequence(items, start, end, tag);
  }

  #sequenceItem(indent: number): TreeNode {
    const dashEnd = this.at;
    const line = this.lineStart;
    while (this.text.charCodeAt(this.at) === space) this.at++;
    if (this.text.charCodeAt(this.at) === tab) this.at = this.blankRest(this.at);
    if (!this.toContent()) return this.builder.empty(dashEnd);
    if (this.lineStart !== line && this.at - this.lineStart <= indent) return this.builder.empty(dashEnd);
    return this.#blockContent(indent);
  }
}
