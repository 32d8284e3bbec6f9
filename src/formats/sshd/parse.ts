/**
 * The lines of an `sshd_config`: keyword and arguments with offsets.
 *
 * Source: sshd_config(5) of OpenSSH 10.0 and `servconf.c`: keywords in any case, arguments after blanks or one `=`,
 * quotes, comments from `#` on.
 */
export interface SshdLine {
  /** In lower case. */
  readonly keyword: string;
  /** The keyword as it stands there. */
  readonly written: string;
  readonly arguments: readonly string[];
  readonly offset: number;
}

/** Longer lines than sshd's own limit are none. */
const longest = 4_096;

export function sshdLines(text: string): readonly SshdLine[] {
  const lines: SshdLine[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const next = end === -1 ? text.length : end;
    const line = next - at > longest ? undefined : lineOf(text.slice(at, next), at);
    if (line !== undefined) lines.push(line);
    at = next + 1;
  }
  return lines;
}

function lineOf(line: string, offset: number): SshdLine | undefined {
  const match = /^[ \t\f\r]*([A-Za-z][A-Za-z0-9]*)(?:[ \t]*=[ \t]*|[ \t]+|\r?$)/.exec(line);
  if (match === null) return undefined;
  return {
    keyword: (match[1] ?? "").toLowerCase(),
    written: match[1] ?? "",
    arguments: wordsOf(line.slice(match[0].length)),
    offset: offset + line.length - line.trimStart().length,
  };
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/"[^"]*"?|'[^']*'?|\{\{.*?\}\}\S*|[^\s"]+/g)) {
    if (word.startsWith("#")) break;
    words.push(word.replace(/^"|"$|^'|'$/g, ""));
  }
  return words;
}
