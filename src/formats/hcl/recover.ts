import type { Cursor } from "./cursor.ts";

const open = new Set(["{", "[", "("]);
const closing = new Set(["}", "]", ")"]);
const heredocStart = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)[ \t]*\r?\n/uy;

/**
 * Goes on behind an argument or block that could not be read: to the first line's end behind the mistake at which every
 * bracket that was opened since `start` is closed again, or to a } that belongs to the block around. Brackets in
 * strings, heredocs and comments do not count. A line that begins at the margin with a name ends it in any case.
 */
export function skipItem(cursor: Cursor, start: number, mistake: number): void {
  const { text } = cursor;
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === "\n" && at >= mistake && (depth <= 0 || /[A-Za-z_]/.test(text[at + 1] ?? ""))) break;
    if (closing.has(char)) {
      if (depth === 0 && at >= mistake && char === "}") break;
      depth--;
      at++;
    } else {
      if (open.has(char)) depth++;
      at = behind(cursor, at, char);
    }
  }
  cursor.at = Math.max(Math.min(at, text.length), Math.min(start + 1, text.length));
}

/** The offset behind the string, heredoc, comment or single character at `at`. */
function behind({ text, heredocEnds }: Cursor, at: number, char: string): number {
  if (char === '"') return behindString(text, at);
  if (char === "#" || text.startsWith("//", at)) return ended(text.indexOf("\n", at), text);
  if (text.startsWith("/*", at)) {
    const end = text.indexOf("*/", at + 2);
    return end === -1 ? text.length : end + 2;
  }
  if (char !== "<") return at + 1;
  heredocStart.lastIndex = at;
  const marker = heredocStart.exec(text)?.[1];
  const begin = heredocStart.lastIndex;
  return marker === undefined || !heredocEnds.has(marker, begin) ? at + 1 : behindHeredoc(text, begin, marker);
}

/** Behind the closing quote, or at the line's end where there is none. */
function behindString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    const char = text[next];
    if (char === "\\") next++;
    else if (char === '"') return next + 1;
    else if (char === "\n") return next;
  }
  return text.length;
}

function behindHeredoc(text: string, at: number, marker: string): number {
  for (let line = at; line < text.length; ) {
    const end = ended(text.indexOf("\n", line), text);
    if (text.slice(line, end).trim() === marker) return end;
    line = end + 1;
  }
  return text.length;
}

function ended(at: number, text: string): number {
  return at === -1 ? text.length : at;
}
