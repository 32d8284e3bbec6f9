import type { Locate } from "../../../formats/relocate.ts";
import { lineAt, lineStartsOf } from "../../../lib/line-starts.ts";
import { type Place, placeAt } from "../../../lib/place.ts";

/**
 * Finds the places of YAML that stands inside a YAML scalar. They are exact where the scalar is a block of its own
 * (`patch: |-`), or a file that a generator takes up; for all others they are the scalar's.
 *
 * `file` is the text of the file that the scalar stands in, as far as it is at hand.
 */
export function locator(content: string, scalar: Place, file: string | undefined): Locate {
  const lines = file === undefined ? undefined : blockLines(content, scalar, file);
  if (lines === undefined || scalar.kind !== "file") return () => scalar;
  const { source } = scalar;
  const starts = lineStartsOf(content);
  const move = (offset: number): number => {
    const line = lineAt(starts, offset);
    return (lines[line] ?? scalar.offset) + offset - (starts[line] ?? 0);
  };
  return (place) => {
    if (place.kind !== "file") return scalar;
    return placeAt(source, move(place.offset), place.end === undefined ? undefined : move(place.end));
  };
}

/** The offsets in the file at which the content's lines begin; undefined where the scalar is no block of these lines. */
function blockLines(content: string, scalar: Place, file: string): readonly number[] | undefined {
  if (scalar.kind !== "file") return undefined;
  if (scalar.whole === true && file === content) return lineStartsOf(content);
  if (file[scalar.offset] !== "|") return undefined;
  let at = file.indexOf("\n", scalar.offset) + 1;
  const lines = content.split("\n");
  const indent = /^ */.exec(file.slice(at).replace(/^(?: *\r?\n)+/, ""))?.[0].length ?? 0;
  const offsets: number[] = [];
  for (const line of lines) {
    const end = file.indexOf("\n", at);
    const written = file.slice(at, end === -1 ? file.length : end).replace(/\r$/, "");
    if (line !== "" && written.slice(indent) !== line) return undefined;
    offsets.push(at + Math.min(indent, written.length));
    at = end === -1 ? file.length : end + 1;
  }
  return offsets;
}
