import fc from "fast-check";
import { expect, test } from "vitest";
import { describePlace, Source } from "../../lib/place.ts";
import { child, toPlain } from "../tree.ts";
import { parseJson } from "./parse.ts";

function read(text: string) {
  return parseJson(new Source("a.json", text), text);
}

test("It reads what JSON.parse reads, and alike", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const { root, problems } = read(text);
      expect(problems).toEqual([]);
      expect(root && toPlain(root)).toEqual(JSON.parse(text));
    }),
    { numRuns: 200 },
  );
});

test("It refuses what JSON.parse refuses, with a place and without throwing", () => {
  const part = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "0",
    ".5",
    "e3",
    "true",
    "nul",
    "null",
    " ",
    "\\u12",
    "\n",
    "'",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const { problems } = read(text);
      expect(problems.length === 0).toBe(valid);
      for (const { message } of problems) expect(message).toMatch(/^This is no valid JSON: .+; found .+\.$/);
    }),
    { numRuns: 500 },
  );
});

test("A value's place is where it stands", () => {
  const { root } = read('{\n\t"a": { "b": [1, "x"] }\n}\n');
  const list = child(child(root, "a"), "b");
  expect(list && describePlace(list.place)).toBe("a.json:2:14");
  expect(list?.kind === "sequence" && list.items[1] && describePlace(list.items[1].place)).toBe("a.json:2:18");
});

test("Depth costs no more than its cap", () => {
  expect(read("[".repeat(100_000)).problems[0]?.message).toContain("more than 200 deep");
});
