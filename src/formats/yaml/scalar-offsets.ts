import type { ScalarNode } from "../tree.ts";

/**
 * Where a character of a scalar's text stands in the file: exact for literal blocks (`|`), and for plain and quoted
 * scalars that are written as they read; the beginning of the scalar for all others.
 */
export function offsetsIn(file: string, node: ScalarNode): (index: number) => number {
  const { place } = node;
  const text = typeof node.value === "string" ? node.value : "";
  if (place.kind !== "file") return () => 0;
  const start = place.offset;
  if (file[start] === "|") return literalOffsets(file, start, text);
  const quoted = file[start] === '"' || file[start] === "'" ? 1 : 0;
  const asItReads = file.startsWith(text, start + quoted);
  return (index) => (asItReads ? start + quoted + index : start);
}

function literalOffsets(file: string, start: number, text: string): (index: number) => number {
  const header = file.indexOf("\n", start);
  if (header === -1) return () => start;
  const lines: { readonly at: number; readonly offset: number }[] = [];
  let offset = header + 1;
  let at = 0;
  let indent: number | undefined;
  for (const line of text.split("\n")) {
    const found = file.indexOf("\n", offset);
    const end = found === -1 ? file.length : found;
    if (indent === undefined && line.trim() !== "") {
      indent = file.slice(offset, end).replace(/\r$/, "").length - line.length;
      if (indent < 0) return () => start;
    }
    lines.push({ at, offset: Math.min(offset + (line === "" ? 0 : (indent ?? 0)), end) });
    at += line.length + 1;
    offset = end + 1;
  }
  return (index) => {
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle]?.at ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const line = lines[low];
    return line === undefined ? start : line.offset + index - line.at;
  };
}
