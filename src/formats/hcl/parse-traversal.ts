import type { HclExpression, HclSplatItem } from "./ast.ts";
import type { Cursor, ParseExpression } from "./cursor.ts";

/** The most steps of one traversal; it becomes a tree that deep. */
const longestTraversal = 64;

type Step = (cursor: Cursor, on: HclExpression, start: number) => HclExpression | undefined;

/** Reads what follows a value: `.name`, `.0`, `[key]`, `[*]`, `.*`. */
export function parseTraversal(
  cursor: Cursor,
  root: HclExpression,
  start: number,
  parse: ParseExpression,
): HclExpression {
  return follow(cursor, root, start, (at, on, from) => memberStep(at, on, from) ?? bracketStep(at, on, from, parse));
}

function follow(cursor: Cursor, root: HclExpression, start: number, step: Step): HclExpression {
  let value = root;
  for (let steps = 0; ; steps++) {
    const before = cursor.at;
    cursor.space();
    const char = cursor.text[cursor.at];
    const next = char === "." || char === "[" ? step(cursor, value, start) : undefined;
    if (next === undefined) {
      cursor.at = before;
      return value;
    }
    if (steps === longestTraversal) throw cursor.fault(`More than ${longestTraversal} steps follow one another here.`);
    value = next;
  }
}

/** `.name`, `.0` and `.*` */
function memberStep(cursor: Cursor, on: HclExpression, start: number): HclExpression | undefined {
  if (!cursor.looksAt(".") || cursor.looksAt("...")) return undefined;
  cursor.at++;
  cursor.space();
  if (cursor.looksAt("*")) {
    cursor.at++;
    return splat(cursor, on, start, (item, from) => follow(cursor, item, from, plainMemberStep));
  }
  return named(cursor, on, start);
}

/** What may follow `.*`: names and numbers, no brackets and no further `*`. */
function plainMemberStep(cursor: Cursor, on: HclExpression, start: number): HclExpression | undefined {
  if (!cursor.looksAt(".") || cursor.looksAt("...")) return undefined;
  cursor.at++;
  cursor.space();
  return named(cursor, on, start);
}

const digits = /\d+/y;

function named(cursor: Cursor, on: HclExpression, start: number): HclExpression {
  const from = cursor.at;
  const name = cursor.name();
  if (name !== undefined) return { kind: "member", on, name, place: cursor.place(start) };
  digits.lastIndex = from;
  const written = digits.exec(cursor.text)?.[0];
  if (written === undefined) throw cursor.fault(`Expected a name after ".", but found ${cursor.found()}.`);
  cursor.at += written.length;
  const key = { kind: "literal" as const, value: Number(written), place: cursor.place(from) };
  return { kind: "index", on, key, place: cursor.place(start) };
}

/** `[key]` and `[*]` */
function bracketStep(
  cursor: Cursor,
  on: HclExpression,
  start: number,
  parse: ParseExpression,
): HclExpression | undefined {
  if (!cursor.looksAt("[")) return undefined;
  cursor.at++;
  const key = cursor.withLines(true, () => {
    const star = cursor.take("*");
    const inner = star ? undefined : parse(cursor);
    cursor.expect("]", "to close the index");
    return inner;
  });
  if (key !== undefined) return { kind: "index", on, key, place: cursor.place(start) };
  return splat(cursor, on, start, (item, from) => cursor.deeper(() => parseTraversal(cursor, item, from, parse)));
}

function splat(
  cursor: Cursor,
  on: HclExpression,
  start: number,
  rest: (item: HclSplatItem, from: number) => HclExpression,
): HclExpression {
  const item: HclSplatItem = { kind: "splat-item", place: cursor.place(start) };
  const each = rest(item, start);
  return { kind: "splat", on, each, place: cursor.place(start) };
}
