import type { HclBinaryOperator, HclExpression } from "./ast.ts";
import { type Cursor, Fault } from "./cursor.ts";
import { parseCollection } from "./parse-collection.ts";
import { parseHeredoc, parseQuoted } from "./parse-template.ts";
import { parseTraversal } from "./parse-traversal.ts";

/** Reads one expression and leaves the cursor behind it. Throws a `Fault` where there is none. */
export function parseExpression(cursor: Cursor): HclExpression {
  return cursor.deeper(() => {
    cursor.space();
    const start = cursor.at;
    const condition = parseBinary(cursor, 0);
    if (!cursor.take("?")) return condition;
    const whenTrue = parseExpression(cursor);
    cursor.expect(":", "between the two results of a condition");
    const whenFalse = parseExpression(cursor);
    return { kind: "conditional", condition, whenTrue, whenFalse, place: cursor.place(start) };
  });
}

/** How tightly each binds: those of the loosest rank first. The longer of two that begin alike stands before the other. */
const operators: readonly (readonly [HclBinaryOperator, number])[] = [
  ["||", 0],
  ["&&", 1],
  ["==", 2],
  ["!=", 2],
  ["<=", 3],
  [">=", 3],
  ["<", 3],
  [">", 3],
  ["+", 4],
  ["-", 4],
  ["*", 5],
  ["/", 5],
  ["%", 5],
];
const byFirstCharacter = Map.groupBy(operators, ([operator]) => operator.charCodeAt(0));

/** The most operators in a row; the chain becomes a tree that deep. */
const longestChain = 256;

/** Operands joined by operators of this rank and tighter ones, those of one rank from the left. No space comes next. */
function parseBinary(cursor: Cursor, loosest: number): HclExpression {
  const start = cursor.at;
  let left = parseUnary(cursor);
  for (let links = 0; ; links++) {
    const before = cursor.at;
    cursor.space();
    const [operator, rank] = operatorAt(cursor) ?? [undefined, -1];
    if (operator === undefined || rank < loosest) {
      cursor.at = before;
      return left;
    }
    if (links === longestChain) throw cursor.fault(`More than ${longestChain} operators follow one another here.`);
    cursor.at += operator.length;
    cursor.space();
    const right = parseBinary(cursor, rank + 1);
    left = { kind: "binary", operator, left, right, place: cursor.place(start) };
  }
}

/** `%{` begins a directive and `=>` stands in a `for`: neither is an operator. */
function operatorAt(cursor: Cursor): readonly [HclBinaryOperator, number] | undefined {
  const found = byFirstCharacter.get(cursor.text.charCodeAt(cursor.at))?.find(([each]) => cursor.looksAt(each));
  return found?.[0] === "%" && cursor.text[cursor.at + 1] === "{" ? undefined : found;
}

/** An operand with the operators before it. No space comes next. */
function parseUnary(cursor: Cursor): HclExpression {
  const start = cursor.at;
  const char = cursor.text[start];
  const operator = char === "-" ? "-" : char === "!" && cursor.text[start + 1] !== "=" ? "!" : undefined;
  if (operator === undefined) return parseTraversal(cursor, parseTerm(cursor), start, parseExpression);
  cursor.at++;
  const operand = cursor.deeper(() => {
    cursor.space();
    return parseUnary(cursor);
  });
  return { kind: "unary", operator, operand, place: cursor.place(start) };
}

function parseTerm(cursor: Cursor): HclExpression {
  const start = cursor.at;
  const char = cursor.text[start];
  if (char === '"') return parseQuoted(cursor, parseExpression);
  if (char === "[" || char === "{") return parseCollection(cursor, parseExpression);
  if (char === "(") return parseParentheses(cursor);
  if (char === "<" && cursor.looksAt("<<")) return parseHeredoc(cursor, parseExpression);
  if (char !== undefined && char >= "0" && char <= "9") return parseNumber(cursor);
  const name = cursor.name();
  if (name === undefined) throw cursor.fault(`Expected a value here, but found ${cursor.found()}.`);
  if (cursor.looksAt("::") || looksAtCall(cursor)) return parseCall(cursor, name, start);
  const place = cursor.place(start);
  const literal = literals.get(name);
  return literal === undefined ? { kind: "variable", name, place } : { kind: "literal", value: literal, place };
}

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function parseNumber(cursor: Cursor): HclExpression {
  const start = cursor.at;
  number.lastIndex = start;
  const written = number.exec(cursor.text)?.[0] ?? "0";
  cursor.at += written.length;
  const next = cursor.text[cursor.at];
  if ((next === "." && /\d/.test(cursor.text[cursor.at + 1] ?? "")) || cursor.name() !== undefined) {
    throw new Fault("This is no number.", start, "Write a text in quotation marks.");
  }
  return { kind: "literal", value: Number(written), place: cursor.place(start) };
}

function parseParentheses(cursor: Cursor): HclExpression {
  const start = cursor.at++;
  return cursor.withLines(true, () => {
    const inner = parseExpression(cursor);
    cursor.expect(")", "to close the parenthesis");
    return { kind: "parentheses", inner, place: cursor.place(start) };
  });
}

function looksAtCall(cursor: Cursor): boolean {
  const before = cursor.at;
  cursor.space();
  if (cursor.looksAt("(")) return true;
  cursor.at = before;
  return false;
}

function parseCall(cursor: Cursor, first: string, start: number): HclExpression {
  let name = first;
  while (cursor.looksAt("::")) {
    cursor.at += 2;
    const next = cursor.name();
    if (next === undefined) throw cursor.fault(`Expected a function's name after "::", but found ${cursor.found()}.`);
    name += `::${next}`;
  }
  cursor.expect("(", "to begin the function's arguments");
  return cursor.withLines(true, () => {
    const { given, expands } = parseArguments(cursor);
    return { kind: "call", name, arguments: given, expands, place: cursor.place(start) };
  });
}

function parseArguments(cursor: Cursor): { readonly given: readonly HclExpression[]; readonly expands: boolean } {
  const given: HclExpression[] = [];
  while (!cursor.take(")")) {
    given.push(parseExpression(cursor));
    if (cursor.take("...")) {
      cursor.expect(")", "after the last argument");
      return { given, expands: true };
    }
    if (cursor.take(",")) continue;
    cursor.space();
    if (!cursor.looksAt(")")) {
      throw cursor.fault(`Expected "," or ")" after a function's argument, but found ${cursor.found()}.`);
    }
  }
  return { given, expands: false };
}
