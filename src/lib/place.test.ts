import { describe, expect, it } from "vitest";
import { Source } from "./place.ts";

/** What a person counts: the line breaks before, and the units since the last one. */
function asCounted(text: string, offset: number): { line: number; column: number } {
  const lines = text.split("\n");
  let line = 0;
  let start = 0;
  while (line < lines.length - 1 && start + (lines[line]?.length ?? 0) + 1 <= offset) {
    start += (lines[line]?.length ?? 0) + 1;
    line++;
  }
  return { line: line + 1, column: offset - start + 1 };
}

/** Texts of every way in which lines are kept: few short ones, few long ones, one longer than a unit, very many. */
const texts: readonly [string, string][] = [
  ["no text", ""],
  ["one line", "a: 1"],
  ["a line break alone", "\n"],
  ["a break at the end", "a\nb\n"],
  ["empty lines and carriage returns", "\r\n\n\na\r\n\nb"],
  ["lines of more than 255 units", `${"x".repeat(300)}\n${"y".repeat(255)}\nz`],
  ["a line that no unit can hold", `a\n${"x".repeat(70_000)}\nb\nc`],
  ["a line of exactly 65,535 units", `${"x".repeat(65_534)}\nb`],
  ["999 breaks", "ab\n".repeat(999)],
  ["1,000 breaks", "ab\n".repeat(1_000)],
  ["3,000 breaks", "abc\n\n".repeat(1_500)],
];

describe("the lines of a text", () => {
  it.each(texts)("are counted as a person would: %s", (_, text) => {
    const source = new Source("a.yaml", text);
    expect(source.lines).toBe(text.split("\n").length);
    const step = Math.max(1, Math.floor(text.length / 500));
    for (let offset = 0; offset <= text.length + 1; offset += step)
      expect(source.locate(offset), `offset ${offset}`).toEqual(asCounted(text, offset));
    expect(source.locate(text.length)).toEqual(asCounted(text, text.length));
  });

  it("puts what lies before the text at its beginning", () => {
    expect(new Source("a.yaml", "a\nb").locate(-1)).toEqual({ line: 1, column: 1 });
  });
});
