import type { HclExpression, HclFor, HclObject } from "./ast.ts";
import type { Cursor, ParseExpression } from "./cursor.ts";

/** Reads `[…]` or `{…}`, a `for` within them too. The cursor stands at the bracket. */
export function parseCollection(cursor: Cursor, parse: ParseExpression): HclExpression {
  const start = cursor.at;
  const opening = cursor.text[cursor.at++];
  const isFor = cursor.withLines(true, () => {
    cursor.space();
    return cursor.isWord("for");
  });
  if (isFor) return cursor.withLines(true, () => parseFor(cursor, start, opening === "{", parse));
  return opening === "[" ? parseTuple(cursor, start, parse) : parseObject(cursor, start, parse);
}

function parseTuple(cursor: Cursor, start: number, parse: ParseExpression): HclExpression {
  return cursor.withLines(true, () => {
    const items: HclExpression[] = [];
    while (!cursor.take("]")) {
      items.push(parse(cursor));
      if (cursor.take(",")) continue;
      cursor.expect("]", "to close the list", 'Items of a list are separated by ",".');
      break;
    }
    return { kind: "tuple", items, place: cursor.place(start) };
  });
}

function parseObject(cursor: Cursor, start: number, parse: ParseExpression): HclExpression {
  return cursor.withLines(false, () => {
    const entries: HclObject["entries"][number][] = [];
    for (;;) {
      skipNewLines(cursor);
      if (cursor.take("}")) break;
      const key = objectKey(parse(cursor));
      if (!cursor.take("=") && !cursor.take(":")) {
        cursor.space();
        throw cursor.fault(`Expected "=" after the key of an object's entry, but found ${cursor.found()}.`);
      }
      entries.push({ key, value: parse(cursor) });
      if (cursor.take("}")) break;
      if (!cursor.take(",") && !cursor.endsLine()) {
        const expected = `Expected a new line, "," or "}" after an object's entry, but found ${cursor.found()}.`;
        throw cursor.fault(expected);
      }
      if (cursor.atEnd) throw cursor.fault('Expected "}" to close the object, but found the end of the file.');
    }
    return { kind: "object", entries, place: cursor.place(start) };
  });
}

/** A bare name is the key itself and no variable; anything else is a value. */
function objectKey(key: HclExpression): HclExpression {
  if (key.kind === "variable") return { kind: "literal", value: key.name, place: key.place };
  if (key.kind === "literal" && (typeof key.value === "boolean" || key.value === null)) {
    return { ...key, value: String(key.value) };
  }
  return key;
}

function skipNewLines(cursor: Cursor): void {
  cursor.withLines(true, () => cursor.space());
}

function parseFor(cursor: Cursor, start: number, makesObject: boolean, parse: ParseExpression): HclFor {
  cursor.name();
  const { keyName, valueName, collection } = parseForIntroduction(cursor, parse);
  cursor.expect(":", "after the collection of a for");
  const first = parse(cursor);
  let key: HclExpression | undefined;
  let value = first;
  if (makesObject) {
    cursor.expect("=>", "between key and value of a for that makes an object");
    key = first;
    value = parse(cursor);
  }
  const grouped = makesObject && cursor.take("...");
  cursor.space();
  let condition: HclExpression | undefined;
  if (cursor.isWord("if")) {
    cursor.name();
    condition = parse(cursor);
  }
  cursor.expect(makesObject ? "}" : "]", "to close the for");
  return { kind: "for", keyName, valueName, collection, key, value, grouped, condition, place: cursor.place(start) };
}

/** `k, v in collection`, behind the word `for`. */
export function parseForIntroduction(
  cursor: Cursor,
  parse: ParseExpression,
): Pick<HclFor, "keyName" | "valueName" | "collection"> {
  const first = parseForName(cursor);
  const second = cursor.take(",") ? parseForName(cursor) : undefined;
  cursor.space();
  if (!cursor.isWord("in")) throw cursor.fault(`Expected "in" in the for, but found ${cursor.found()}.`);
  cursor.name();
  const collection = parse(cursor);
  return second === undefined
    ? { keyName: undefined, valueName: first, collection }
    : { keyName: first, valueName: second, collection };
}

function parseForName(cursor: Cursor): string {
  cursor.space();
  const name = cursor.name();
  if (name === undefined) throw cursor.fault(`Expected a name after "for", but found ${cursor.found()}.`);
  return name;
}
