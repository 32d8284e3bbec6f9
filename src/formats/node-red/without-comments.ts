/**
 * A script without its comments, in one pass. Texts are kept, so that what looks like a comment in one is none; a regular
 * expression with a quote in it is not told from a text.
 */
export function withoutComments(script: string): string {
  const parts: string[] = [];
  let kept = 0;
  for (let at = 0; at < script.length; ) {
    const [first, second] = [script[at], script[at + 1]];
    if (first === '"' || first === "'" || first === "`") {
      at = endOfText(script, at, first);
    } else if (first === "/" && (second === "/" || second === "*")) {
      parts.push(script.slice(kept, at), " ");
      const end = second === "/" ? script.indexOf("\n", at) : script.indexOf("*/", at + 2);
      at = end === -1 ? script.length : end + (second === "/" ? 0 : 2);
      kept = at;
    } else at += 1;
  }
  parts.push(script.slice(kept));
  return parts.join("");
}

/** Behind its closing quote; a line ends those that are left open, but one of backticks. */
function endOfText(script: string, start: number, quote: string): number {
  for (let at = start + 1; at < script.length; at += 1) {
    const each = script[at];
    if (each === "\\") at += 1;
    else if (each === quote || (each === "\n" && quote !== "`")) return at + 1;
  }
  return script.length;
}
