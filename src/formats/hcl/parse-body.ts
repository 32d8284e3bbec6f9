import type { HclAttribute, HclBlock, HclBody, HclLabel } from "./ast.ts";
import { type Cursor, Fault } from "./cursor.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseQuotedText } from "./parse-template.ts";
import { skipItem } from "./recover.ts";

export interface BodyOptions {
  /** Takes a block of the top level that begins at a line's start for the end of every block that is still open. */
  readonly closesAtMargin?: boolean;
}

/** A whole file. */
export function parseFile(cursor: Cursor, options: BodyOptions = {}): HclBody {
  return new BodyParser(cursor, options).file();
}

/** What a file's blocks are called in OpenTofu's and Terraform's language; none of them stands inside another block. */
const topLevel = /(?:resource|data|module|variable|output|locals)\b[^\n=]*\{[ \t]*(?:[#\r\n]|\/\/|$)/y;

class BodyParser {
  readonly #cursor: Cursor;
  readonly #options: BodyOptions;

  constructor(cursor: Cursor, options: BodyOptions) {
    this.#cursor = cursor;
    this.#options = options;
  }

  file(): HclBody {
    const items = new Items(this.#cursor);
    while (!this.#readItems(items, false)) {
      const extra = "This } closes nothing.";
      this.#cursor.note(this.#cursor.fault(extra, "Remove it, or look for a { that is missing above."));
      this.#cursor.at++;
    }
    return items.body(0);
  }

  /** Reads arguments and blocks; true at the text's end, false before a }. */
  #readItems(items: Items, inBlock: boolean): boolean {
    const cursor = this.#cursor;
    for (;;) {
      const start = this.#skipLines(items);
      if (cursor.atEnd) return true;
      if (cursor.looksAt("}")) return false;
      if (inBlock && this.#beginsAtMargin()) return true;
      try {
        this.#item(items);
        if (!cursor.endsLine() && !this.#beginsAtMargin())
          throw cursor.fault(`Expected a new line after this, but found ${cursor.found()}.`);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        items.lost(error);
        skipItem(cursor, start, error.offset);
      }
    }
  }

  #skipLines(items: Items): number {
    try {
      this.#cursor.withLines(true, () => this.#cursor.space());
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      items.lost(error);
      this.#cursor.at = this.#cursor.text.length;
    }
    return this.#cursor.at;
  }

  #beginsAtMargin(): boolean {
    const { at, text } = this.#cursor;
    if (this.#options.closesAtMargin !== true || (at > 0 && text[at - 1] !== "\n")) return false;
    topLevel.lastIndex = at;
    return topLevel.test(text);
  }

  #item(items: Items): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    const name = cursor.name();
    if (name === undefined) {
      throw cursor.fault(`Expected an argument's name or a block's type, but found ${cursor.found()}.`);
    }
    const namePlace = cursor.place(start);
    cursor.space();
    if (cursor.looksAt("=") && !cursor.looksAt("==")) {
      cursor.at++;
      items.attribute({ name, namePlace, value: parseExpression(cursor) }, start);
    } else {
      items.block(this.#block(name, namePlace, start));
    }
  }

  #block(type: string, place: HclBlock["place"], start: number): HclBlock {
    const cursor = this.#cursor;
    const labels: HclLabel[] = [];
    for (;;) {
      cursor.space();
      if (cursor.looksAt("{")) break;
      labels.push(this.#label(type, labels.length === 0));
    }
    const open = cursor.at++;
    return { type, labels, body: cursor.deeper(() => this.#blockBody(open, type, start)), place };
  }

  #label(type: string, first: boolean): HclLabel {
    const cursor = this.#cursor;
    const start = cursor.at;
    const text = cursor.looksAt('"') ? parseQuotedText(cursor) : cursor.name();
    if (text !== undefined) return { text, place: cursor.place(start) };
    const expected = first ? 'Expected "=" for an argument or "{" for a block' : 'Expected a label or "{"';
    throw cursor.fault(`${expected} after ${type.slice(0, 40)}, but found ${cursor.found()}.`);
  }

  #blockBody(open: number, type: string, start: number): HclBody {
    const cursor = this.#cursor;
    const items = new Items(cursor);
    if (!cursor.endsLine()) this.#singleLine(items);
    else if (this.#readItems(items, true)) {
      const what = `The block ${type.slice(0, 40)} that begins here is not closed with }.`;
      items.lost(new Fault(what, start, "Close it where it ends."));
      return items.body(open);
    }
    cursor.at++;
    return items.body(open);
  }

  /** `{ }` and `{ name = value }`. */
  #singleLine(items: Items): void {
    const cursor = this.#cursor;
    if (cursor.looksAt("}")) return;
    const start = cursor.at;
    const name = cursor.name();
    const namePlace = cursor.place(start);
    if (name === undefined || !cursor.take("=") || cursor.looksAt("=")) {
      throw new Fault("A block on one line holds one argument and no more.", start, "Write one argument on each line.");
    }
    items.attribute({ name, namePlace, value: parseExpression(cursor) }, start);
    cursor.space();
    if (cursor.looksAt("}")) return;
    const found = `Expected "}" after the only argument of a block on one line, but found ${cursor.found()}.`;
    throw cursor.fault(found, "Write one argument on each line.");
  }
}

/** The arguments and blocks of one body as they come. */
class Items {
  readonly #cursor: Cursor;
  readonly #attributes = new Map<string, HclAttribute>();
  readonly #blocks: HclBlock[] = [];
  #incomplete: string | undefined;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  attribute(attribute: HclAttribute, start: number): void {
    if (!this.#attributes.has(attribute.name)) {
      this.#attributes.set(attribute.name, attribute);
      return;
    }
    const name = attribute.name.slice(0, 40);
    this.#cursor.note(
      new Fault(`The argument ${name} stands here for a second time; the first one counts.`, start, "Remove one."),
    );
  }

  block(block: HclBlock): void {
    this.#blocks.push(block);
  }

  lost(fault: Fault): void {
    this.#incomplete ??= "part of it could not be read";
    this.#cursor.note(fault);
  }

  body(start: number): HclBody {
    const body = { attributes: this.#attributes, blocks: this.#blocks, place: this.#cursor.place(start) };
    return this.#incomplete === undefined ? body : { ...body, incomplete: this.#incomplete };
  }
}
