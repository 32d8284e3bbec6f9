import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { mapping, writeYaml, yamlString } from "./render-yaml.ts";

test.each(["caddy", "/var/lib/x", "docker.io/library/caddy:2.8@sha256:ab", "no-new-privileges:true", "A=b"])(
  "%j stands as it is",
  (text) => {
    expect(yamlString(text)).toBe(text);
  },
);

test.each([
  "yes",
  "Off",
  "y",
  "NULL",
  "1.0",
  "0777",
  "1e3",
  "12:30",
  "~",
  "",
  "a: b",
  "a #b",
  "a:",
  "-a",
  "<<",
  "a\nb",
  "./a",
  ".5",
])("%j is quoted", (text) => {
  expect(yamlString(text).startsWith('"')).toBe(true);
});

test("every text reads back as itself, as a value and as a key, by YAML 1.1 and by YAML 1.2", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), fc.string({ unit: "grapheme" }), (value, key) => {
      const text = writeYaml({ entries: [{ key, value: { entries: [{ key: "v", value: [value] }] } }] });
      for (const version of ["1.1", "1.2"] as const) {
        const document = parseDocument(text, {
          version,
          schema: version === "1.1" ? "yaml-1.1" : "core",
          merge: false,
        });
        expect(document.errors).toEqual([]);
        expect(document.toJS()).toEqual(Object.fromEntries([[key, { v: [value] }]]));
      }
    }),
    {
      examples: [
        ["\u2028\u0085\ufeff\u007f", "<<"],
        ["yes", "null"],
        ["\ud83d\ude00", "\u202e"],
      ],
    },
  );
});

test("a mapping in a list, an empty list and an empty mapping are written so that they read back", () => {
  const node = mapping({
    list: [mapping({ a: 1, b: [true] }), mapping({}), []],
    none: [],
    empty: mapping({}),
    gone: undefined,
  });
  expect(parse(writeYaml(node))).toEqual({ list: [{ a: 1, b: [true] }, {}, []], none: [], empty: {} });
});

test("a comment cannot break out of its line", () => {
  const text = writeYaml({ entries: [{ key: "a", value: 1, comment: "x\nb: 2\r\u2028c: 3\u0085d: 4" }] });
  expect(text).toBe("# x b: 2 c: 3 d: 4\na: 1\n");
});
