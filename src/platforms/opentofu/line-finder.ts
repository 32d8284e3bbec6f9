import { type Place, placeAt, type Source } from "../../lib/place.ts";

/** Lines that are looked at beyond as many as the text has: those in which an expression begins. */
const around = 20;

/**
 * Where the lines of a text that was made of another one stand in that one, from an offset on: a heredoc in its file, a
 * template. Undefined for a line that stands there in other words; the first of several that say the same.
 */
export function lineFinder(
  made: { readonly source: Source; readonly text: string },
  written: { readonly source: Source; readonly text: string; readonly from: number } | undefined,
): (offset: number) => Place | undefined {
  if (written === undefined) return () => undefined;
  const lines = made.text.split("\n");
  const known = new Map<string, number>();
  let at = written.from;
  for (let count = 0; count < lines.length + around && at < written.text.length; count++) {
    const end = written.text.indexOf("\n", at);
    const line = written.text.slice(at, end === -1 ? undefined : end);
    const bare = line.trim();
    if (!known.has(bare)) known.set(bare, at + line.indexOf(bare));
    if (end === -1) break;
    at = end + 1;
  }
  return (offset) => {
    const { line, column } = made.source.locate(offset);
    const text = lines[line - 1] ?? "";
    const bare = text.trim();
    const start = bare === "" ? undefined : known.get(bare);
    return start === undefined
      ? undefined
      : placeAt(written.source, start + Math.max(0, column - 1 - text.indexOf(bare)));
  };
}
