import fc from "fast-check";
import { expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { describePlace, Source } from "../../lib/place.ts";
import { child, toPlain } from "../tree.ts";
import { parseToml } from "./parse.ts";

function read(text: string) {
  return parseToml(new Source("a.toml", text), text);
}

test("Tables, dotted keys, inline tables and arrays of tables make one tree", () => {
  const { root, problems } = read(
    `title = "x"\n[a.b]\nc.d = 1\ne = { f = true, g = [1, "two", { h = 3.5 }] }\n[[a.list]]\nn = 1\n[[a.list]]\nn = 2\n[a.list.sub]\nk = 'v'\n[when]\nat = 1979-05-27T07:32:00Z\n`,
  );
  expect(problems).toEqual([]);
  expect(toPlain(root)).toEqual({
    title: "x",
    a: {
      b: { c: { d: 1 }, e: { f: true, g: [1, "two", { h: 3.5 }] } },
      list: [{ n: 1 }, { n: 2, sub: { k: "v" } }],
    },
    when: { at: "1979-05-27T07:32:00Z" },
  });
});

test("A value's place is where it stands", () => {
  const { root } = read(`[http.routers.web]\nrule = "Host('a')"\n`);
  const rule = child(child(child(child(root, "http"), "routers"), "web"), "rule");
  expect(rule && describePlace(rule.place)).toBe("a.toml:2:8");
});

test.each([
  ["a = 1\na = 2\n", "2:1"],
  ["[a\n", "2:1"],
  ["a = [1,", "1:8"],
  ['a = "x', "1:7"],
])("A mistake in %j is told with its place", (text, place) => {
  const { problems } = read(text);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toMatch(/^This is no valid TOML: .*\.$/);
  expect(problems[0] && describePlace(problems[0].place)).toBe(`a.toml:${place}`);
});

test("Depth, repetition and length cost no more than their caps", () => {
  const deep = `a = ${"[".repeat(200_000)}`;
  const tables = "[[t]]\n".repeat(60_000);
  const started = threadMs();
  expect(read(deep).problems).toHaveLength(1);
  expect(read(`a = ${"[".repeat(500)}${"]".repeat(500)}`).problems[0]?.message).toContain("more than 100 deep");
  expect(read(tables).problems).toEqual([]);
  expect(read(`#${"x".repeat(1_100_000)}`).problems[0]?.message).toContain("larger than 1 MiB");
  expect(threadMs() - started).toBeLessThan(4000);
});

test("No text makes it throw", () => {
  const part = fc.constantFrom(
    "[",
    "]",
    "[[",
    "]]",
    "a",
    ".",
    "=",
    '"',
    "'''",
    '"""',
    "\n",
    "{",
    "}",
    ",",
    "1",
    "#",
    "\\",
    "é",
    " ",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      expect(read(text).root.kind).toBe("mapping");
    }),
    { numRuns: 300 },
  );
});

test("A number that is larger than JavaScript's is still a number", () => {
  expect(toPlain(read("a = 9223372036854775807").root)).toEqual({ a: 2 ** 63 });
});
