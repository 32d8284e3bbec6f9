import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../../test/support/thread-time.ts";
import { substitute } from "./template.ts";

const lookup = (name: string): string | undefined =>
  new Map([
    ["S", "set"],
    ["E", ""],
  ]).get(name);

describe("templates", () => {
  test("say which stretch of the result is not known", () => {
    expect(substitute("a:${X}:b", lookup)).toEqual({
      text: "a::b",
      names: ["X"],
      doubts: [{ start: 2, end: 2, why: '"X" is not set in this folder' }],
    });
    expect(substitute("${X:-d}${S}", lookup)).toEqual({
      text: "dset",
      names: ["X", "S"],
      byDefault: ["X"],
      doubts: [],
    });
  });

  test("go on behind what Compose stops at", () => {
    expect(substitute("${X:?no ${S}}-${S}", lookup)).toMatchObject({
      text: "-set",
      error: { kind: "required", name: "X", reason: "no set" },
    });
    expect(substitute("${ a", lookup)).toMatchObject({ error: { kind: "malformed" } });
  });

  test("never throw and never take long", () => {
    const piece = fc.constantFrom("$", "{", "}", "${", "A", ":-", "-", "?", "+", ":", "$$", "\n", "é");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        substitute(pieces.join(""), lookup);
      }),
      { numRuns: 3000 },
    );
    const start = threadMs();
    for (const text of [
      "${A:-".repeat(20_000),
      "$".repeat(100_000),
      "${A}".repeat(50_000),
      "${A:-x}".repeat(3000),
      "{".repeat(100_000),
    ])
      substitute(text, lookup);
    expect(threadMs() - start).toBeLessThan(2000);
  });
});
