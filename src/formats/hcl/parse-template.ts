import type { HclExpression, HclTemplatePart } from "./ast.ts";
import { type Cursor, Fault, type ParseExpression } from "./cursor.ts";
import { nested } from "./nest-template.ts";
import { parseForIntroduction } from "./parse-collection.ts";
import { type TemplateToken, TemplateTokens } from "./template-tokens.ts";

/** Reads `"…"`, quotation mark to quotation mark. */
export function parseQuoted(cursor: Cursor, parse: ParseExpression): HclExpression {
  const start = cursor.at++;
  const tokens = new TemplateTokens();
  for (;;) {
    tokens.text(quotedText(cursor, start));
    if (cursor.looksAt('"')) break;
    tokens.add(parseSequence(cursor, parse));
  }
  cursor.at++;
  return finished(cursor, tokens.list, start);
}

/** Reads a quoted text in which nothing may be interpolated, such as a block's label. */
export function parseQuotedText(cursor: Cursor): string {
  const start = cursor.at++;
  const text = quotedText(cursor, start);
  if (!cursor.looksAt('"')) {
    throw new Fault("Nothing can be interpolated into this text.", start, "Write the text itself.");
  }
  cursor.at++;
  return text;
}

const heredocStart = /<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;

/** Reads `<<MARKER` and `<<-MARKER` up to the line that holds the marker alone; the cursor is then at that line's end. */
export function parseHeredoc(cursor: Cursor, parse: ParseExpression): HclExpression {
  const start = cursor.at;
  heredocStart.lastIndex = start;
  const found = heredocStart.exec(cursor.text);
  const marker = found?.[2];
  if (found === null || marker === undefined) {
    throw cursor.fault("Expected a name and the line's end after <<, for a text of several lines.");
  }
  if (!cursor.heredocEnds.has(marker, heredocStart.lastIndex)) {
    const hint = `Write ${marker.slice(0, 40)} alone on the line behind the text, and end that line.`;
    throw new Fault(`The text that begins here with <<${marker.slice(0, 40)} does not end.`, start, hint);
  }
  cursor.at = heredocStart.lastIndex;
  const tokens = heredocTokens(cursor, start, marker, parse);
  if (found[1] === "-") tokens.flush();
  return finished(cursor, tokens.list, start);
}

/** Reads a text that is a template as a whole: a file for `templatefile`, a string of the JSON syntax. */
export function parseWholeTemplate(cursor: Cursor, parse: ParseExpression): HclExpression {
  const tokens = new TemplateTokens();
  while (!cursor.atEnd) {
    tokens.text(lineText(cursor));
    if (isSequence(cursor)) tokens.add(parseSequence(cursor, parse));
  }
  return finished(cursor, tokens.list, 0);
}

function heredocTokens(cursor: Cursor, start: number, marker: string, parse: ParseExpression): TemplateTokens {
  const tokens = new TemplateTokens();
  for (let atLineStart = true; ; ) {
    if (atLineStart && takeMarker(cursor, marker)) return tokens;
    if (cursor.atEnd) throw new Fault(`The text that begins here with <<${marker} does not end.`, start);
    const text = lineText(cursor);
    tokens.text(text);
    atLineStart = text.endsWith("\n");
    if (!atLineStart && isSequence(cursor)) tokens.add(parseSequence(cursor, parse));
  }
}

/** Goes behind the marker where the line holds it alone. */
function takeMarker(cursor: Cursor, marker: string): boolean {
  const end = cursor.text.indexOf("\n", cursor.at);
  const line = end === -1 ? cursor.text.slice(cursor.at) : cursor.text.slice(cursor.at, end);
  if (line.trim() !== marker) return false;
  cursor.at = end === -1 ? cursor.text.length : line.endsWith("\r") ? end - 1 : end;
  return true;
}

function isSequence(cursor: Cursor): boolean {
  return cursor.looksAt("${") || cursor.looksAt("%{");
}

/** Text up to the next sequence or behind the next newline, with `$${` and `%%{` as they are meant. */
function lineText(cursor: Cursor): string {
  const { text } = cursor;
  let written = "";
  let from = cursor.at;
  while (cursor.at < text.length) {
    const char = text[cursor.at];
    if (char === "\n") {
      cursor.at++;
      break;
    }
    if ((char === "$" || char === "%") && text[cursor.at + 1] === "{") break;
    if (isEscapedSequence(text, cursor.at)) {
      written += text.slice(from, cursor.at + 1);
      cursor.at += 2;
      from = cursor.at;
    } else cursor.at = ordinaryEnd(text, cursor.at + 1);
  }
  return written + text.slice(from, cursor.at);
}

/** What neither ends a template's line nor its text, and begins no sequence or escape. */
const ordinary = /[^"\\\n$%]*/y;

function ordinaryEnd(text: string, from: number): number {
  ordinary.lastIndex = from;
  ordinary.test(text);
  return ordinary.lastIndex;
}

function isEscapedSequence(text: string, at: number): boolean {
  const char = text[at];
  return (char === "$" || char === "%") && text[at + 1] === char && text[at + 2] === "{";
}

/** Text of a quoted template up to the quotation mark or the next sequence, escapes resolved. */
function quotedText(cursor: Cursor, start: number): string {
  const { text } = cursor;
  let written = "";
  let from = cursor.at;
  for (;;) {
    const char = text[cursor.at];
    if (char === undefined || char === "\n") {
      const hint = "Close it on the line on which it begins, or write <<EOT for a text of several lines.";
      throw new Fault("The text that begins here with a quotation mark is not closed.", start, hint);
    }
    if (char === '"' || ((char === "$" || char === "%") && text[cursor.at + 1] === "{")) break;
    if (char !== "\\" && !isEscapedSequence(text, cursor.at)) {
      cursor.at = ordinaryEnd(text, cursor.at + 1);
      continue;
    }
    written += text.slice(from, cursor.at);
    written += char === "\\" ? escaped(cursor) : char;
    if (char !== "\\") cursor.at += 2;
    from = cursor.at;
  }
  return written + text.slice(from, cursor.at);
}

const shortEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };
const unicodeEscape = /u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}/y;

function escaped(cursor: Cursor): string {
  const short = shortEscapes[cursor.text[cursor.at + 1] ?? ""];
  if (short !== undefined) {
    cursor.at += 2;
    return short;
  }
  unicodeEscape.lastIndex = cursor.at + 1;
  const digits = unicodeEscape.exec(cursor.text)?.[0];
  const code = digits === undefined ? Number.NaN : Number.parseInt(digits.slice(1), 16);
  if (digits === undefined || code > 0x10ffff) {
    throw cursor.fault(String.raw`A backslash stands here that begins none of \n \r \t \" \\ \uNNNN \UNNNNNNNN.`);
  }
  cursor.at += 1 + digits.length;
  return String.fromCodePoint(code);
}

/** `${…}` or `%{…}` */
function parseSequence(cursor: Cursor, parse: ParseExpression): TemplateToken {
  const start = cursor.at;
  const isDirective = cursor.text[start] === "%";
  cursor.at += 2;
  const trimsBefore = cursor.looksAt("~");
  if (trimsBefore) cursor.at++;
  return cursor.withLines(true, () => {
    const token = isDirective
      ? parseDirective(cursor, parse)
      : { kind: "interpolation" as const, value: parse(cursor) };
    const trimsAfter = cursor.take("~}");
    if (!trimsAfter) cursor.expect("}", `to close what begins with ${isDirective ? "%{" : "${"}`);
    return { ...token, start, trimsBefore, trimsAfter };
  });
}

type Directive =
  | { readonly kind: "if"; readonly condition: HclExpression }
  | ({ readonly kind: "for" } & ReturnType<typeof parseForIntroduction>)
  | { readonly kind: "else" | "endif" | "endfor" };

function parseDirective(cursor: Cursor, parse: ParseExpression): Directive {
  cursor.space();
  const start = cursor.at;
  const word = cursor.name();
  switch (word) {
    case "if":
      return { kind: "if", condition: parse(cursor) };
    case "for":
      return { kind: "for", ...parseForIntroduction(cursor, parse) };
    case "else":
    case "endif":
    case "endfor":
      return { kind: word };
    default:
      throw new Fault('Expected one of if, else, endif, for and endfor after "%{".', start);
  }
}

function finished(cursor: Cursor, tokens: readonly TemplateToken[], start: number): HclExpression {
  const parts = nested(tokens);
  const place = cursor.place(start);
  const text = plainText(parts);
  return text === undefined ? { kind: "template", parts, place } : { kind: "literal", value: text, place };
}

function plainText(parts: readonly HclTemplatePart[]): string | undefined {
  let text = "";
  for (const part of parts) {
    if (part.kind !== "text") return undefined;
    text += part.text;
  }
  return text;
}
