/** The texts of quoted and block scalars. Each function gives undefined for what it does not read; others judge that. */

export interface ReadText {
  readonly value: string;
  /** The offset behind the last character that belongs to it. */
  readonly end: number;
}

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "'": "'",
  "/": "/",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A double-quoted scalar; `start` is at its opening quote. */
export function readDoubleQuoted(text: string, start: number): ReadText | undefined {
  const close = text.indexOf('"', start + 1);
  if (close === -1) return undefined;
  const simple = text.slice(start + 1, close);
  if (!simple.includes("\\") && !simple.includes("\n")) return { value: simple, end: close + 1 };
  const lines: string[] = [];
  let line = "";
  // What an escape wrote is no blank at a line's end, even when it is one elsewhere.
  let kept = 0;
  let at = start + 1;
  for (;;) {
    const char = text.charAt(at);
    if (char === "") return undefined;
    if (char === '"') return { value: lines.join("") + line, end: at + 1 };
    if (char === "\\") {
      const escaped = readEscape(text, at);
      if (escaped === undefined) return undefined;
      line += escaped.value;
      kept = line.length;
      at = escaped.end;
    } else if (char === "\n" || char === "\r") {
      const folded = foldBreak(text, at);
      if (folded === undefined) return undefined;
      lines.push(line.slice(0, kept), trimBlanks(line.slice(kept)), folded.value);
      line = "";
      kept = 0;
      at = folded.end;
    } else {
      line += char;
      at++;
    }
  }
}

function readEscape(text: string, at: number): ReadText | undefined {
  const char = text.charAt(at + 1);
  if (char === "\n" || (char === "\r" && text.charAt(at + 2) === "\n")) {
    const folded = foldBreak(text, at + 1);
    // An escaped line's end joins the lines; the blank lines behind it stay.
    return folded === undefined ? undefined : { value: folded.value === " " ? "" : folded.value, end: folded.end };
  }
  const simple = escapes[char];
  if (simple !== undefined) return { value: simple, end: at + 2 };
  const length = hexLengths[char];
  if (length === undefined) return undefined;
  const digits = text.slice(at + 2, at + 2 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  return code > 0x10ffff ? undefined : { value: String.fromCodePoint(code), end: at + 2 + length };
}

/** A single-quoted scalar; `start` is at its opening quote. */
export function readSingleQuoted(text: string, start: number): ReadText | undefined {
  const parts: string[] = [];
  let at = start + 1;
  for (;;) {
    const close = text.indexOf("'", at);
    if (close === -1) return undefined;
    parts.push(text.slice(at, close));
    if (text.charAt(close + 1) !== "'") {
      const value = parts.join("'");
      const folded = value.includes("\n") ? foldLines(value) : value;
      return folded === undefined ? undefined : { value: folded, end: close + 1 };
    }
    at = close + 2;
  }
}

function foldLines(text: string): string | undefined {
  const lines: string[] = [];
  let from = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
    const end = text.charAt(at - 1) === "\r" ? at - 1 : at;
    const folded = foldBreak(text, end);
    if (folded === undefined) return undefined;
    lines.push(trimBlanks(text.slice(from, end)), folded.value);
    from = folded.end;
  }
  return lines.join("") + text.slice(from);
}

/** A line's end inside a scalar: a space, or one line's end less than there are. Undefined before a document marker. */
export function foldBreak(text: string, start: number): ReadText | undefined {
  let breaks = 0;
  let at = start;
  let lineStart = start;
  for (;;) {
    const char = text.charAt(at);
    if (char === "\n") {
      breaks++;
      lineStart = at + 1;
    } else if (char !== " " && char !== "\t" && !(char === "\r" && text.charAt(at + 1) === "\n")) break;
    at++;
  }
  if (breaks === 0 || (at === lineStart && isDocumentMarker(text, at))) return undefined;
  return { value: breaks === 1 ? " " : "\n".repeat(breaks - 1), end: at };
}

/** Whether `---` or `...` stands alone at an offset, which must begin a line. */
export function isDocumentMarker(text: string, at: number): boolean {
  const char = text.charCodeAt(at);
  if ((char !== 45 && char !== 46) || text.charCodeAt(at + 1) !== char || text.charCodeAt(at + 2) !== char)
    return false;
  const next = text.charCodeAt(at + 3);
  return Number.isNaN(next) || next === 10 || next === 13 || next === 32 || next === 9;
}

function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 32 || text.charCodeAt(end - 1) === 9)) end--;
  return text.slice(0, end);
}

/** A literal or folded scalar; `start` is at its `|` or `>`, `parentIndent` the column of what it belongs to, -1 for none. */
export function readBlockScalar(text: string, start: number, parentIndent: number): ReadText | undefined {
  const header = /[|>](?:([1-9])([+-])?|([+-])([1-9])?)?[ \t]*(?:(?<=[ \t])#[^\n]*|\r)?(?:\n|$)/y;
  header.lastIndex = start;
  const match = header.exec(text);
  if (match === null) return undefined;
  const explicit = match[1] ?? match[4];
  const first = start + match[0].length;
  const least = Math.max(0, parentIndent) + (explicit === undefined ? 0 : Number(explicit));
  const indent = explicit === undefined ? blockIndent(text, first, parentIndent) : least;
  if (indent === undefined) return undefined;
  const { lines, end } = blockLines(text, first, indent);
  // A stated indent over blank lines alone is read differently by different programs: the library decides.
  if (explicit !== undefined && lines.every((line) => line.trim() === "")) return undefined;
  const chomp = match[2] ?? match[3] ?? "";
  return { value: joinBlock(lines, text.charAt(start) === "|", chomp), end };
}

/** The column of a block scalar's text: that of its first line that is not blank. */
function blockIndent(text: string, first: number, parentIndent: number): number | undefined {
  let widest = 0;
  for (let at = first; at < text.length; ) {
    let column = 0;
    while (text.charCodeAt(at + column) === 32) column++;
    const char = text.charCodeAt(at + column);
    if (char === 9 && column <= parentIndent) return undefined;
    if (char === 10 || (char === 13 && text.charCodeAt(at + column + 1) === 10)) {
      widest = Math.max(widest, column);
      at += column + (char === 13 ? 2 : 1);
      continue;
    }
    if (Number.isNaN(char)) widest = Math.max(widest, column);
    if (Number.isNaN(char) || column <= parentIndent) break;
    return widest > column ? undefined : column;
  }
  return Math.max(widest, parentIndent + 1, 1);
}

function blockLines(text: string, first: number, indent: number): { readonly lines: string[]; readonly end: number } {
  const lines: string[] = [];
  let at = first;
  while (at < text.length) {
    if (indent === 0 && isDocumentMarker(text, at)) break;
    let column = 0;
    while (column < indent && text.charCodeAt(at + column) === 32) column++;
    const lineEnd = text.indexOf("\n", at);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const stop = end > at && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    if (column < indent && at + column < stop) break;
    lines.push(text.slice(Math.min(at + column, stop), stop));
    at = lineEnd === -1 ? text.length : end + 1;
  }
  // The line's end before what follows belongs to the scalar, so that a reader stands at a line's start.
  return { lines, end: at };
}

function joinBlock(lines: readonly string[], literal: boolean, chomp: string): string {
  let last = lines.length;
  while (last > 0 && lines[last - 1] === "") last--;
  const trailing = lines.length - last;
  const body = literal ? lines.slice(0, last).join("\n") : foldBlock(lines.slice(0, last));
  if (chomp === "-") return body;
  const own = last === 0 ? "" : "\n";
  return chomp === "+" ? body + own + "\n".repeat(trailing) : body + own;
}

/** Line ends between lines of text become spaces; those beside indented or blank lines stay. */
function foldBlock(lines: readonly string[]): string {
  let value = "";
  let pendingBreak = false;
  let pendingBlank = 0;
  let previousIndented = false;
  for (const line of lines) {
    if (line === "") {
      pendingBlank++;
      continue;
    }
    const indented = line.startsWith(" ") || line.startsWith("\t");
    if (pendingBreak) {
      if (previousIndented || indented) value += "\n";
      else if (pendingBlank === 0) value += " ";
    }
    value += "\n".repeat(pendingBlank) + line;
    pendingBlank = 0;
    pendingBreak = true;
    previousIndented = indented;
  }
  return value;
}
