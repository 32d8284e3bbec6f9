import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { threadMs } from "../../../test/support/thread-time.ts";
import { describePlace, Source } from "../../lib/place.ts";
import { child, type TreeNode, toPlain } from "../tree.ts";
import { maxAliasNodes, TreeBuilder } from "./builder.ts";
import { readCompletely } from "./complete.ts";
import { FastReader } from "./fast.ts";
import { Unread } from "./fast-cursor.ts";
import { parseYaml } from "./parse.ts";

function parse(text: string) {
  const { documents, problems, tagged } = parseYaml(new Source("f.yaml", text), text, { textKeys: true });
  return {
    documents,
    tagged,
    plain: documents.map(toPlain),
    problems: problems.map(
      ({ message, hint, place }) => `${describePlace(place)} ${message}${hint === undefined ? "" : ` ${hint}`}`,
    ),
  };
}

/** Places and values of a tree: the starts of collections, both ends of keys and scalars. */
function outline(node: TreeNode): unknown {
  const start = node.place.kind === "file" ? node.place.offset : -1;
  if (node.kind === "scalar") return [start, node.value, node.tag];
  if (node.kind === "sequence") return [start, node.items.map(outline)];
  return [
    start,
    [...node.entries.values()].map((entry) => [entry.key, describePlace(entry.keyPlace), outline(entry.value)]),
  ];
}

describe("the two readers of YAML", () => {
  const both = (text: string): void => {
    const source = new Source("f.yaml", text);
    let fast: TreeNode[];
    try {
      fast = new FastReader(text, new TreeBuilder(source, {})).documents();
    } catch (error) {
      expect(error).toBeInstanceOf(Unread);
      return;
    }
    const builder = new TreeBuilder(source, {});
    const complete = readCompletely(text, builder);
    expect(builder.problems).toEqual([]);
    expect(fast.map(outline)).toEqual(complete.map(outline));
  };

  test("make the same tree of whatever data the library writes", () => {
    const key = fc.oneof(
      fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/),
      fc.string({ minLength: 1, maxLength: 6, unit: "grapheme-ascii" }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.string({ maxLength: 20 }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.stringMatching(/^[ a-z:#\n-]{0,30}$/),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const style = fc.record({
      indent: fc.constantFrom(2, 4),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 20, 80),
      collectionStyle: fc.constantFrom("any" as const, "flow" as const, "block" as const),
      defaultStringType: fc.constantFrom(
        "PLAIN" as const,
        "QUOTE_DOUBLE" as const,
        "QUOTE_SINGLE" as const,
        "BLOCK_LITERAL" as const,
        "BLOCK_FOLDED" as const,
      ),
    });
    fc.assert(
      fc.property(value, style, (data, options) => both(stringify(data, options))),
      { numRuns: 400 },
    );
  });

  test("never disagree on texts made of the pieces of YAML", () => {
    const piece = fc.constantFrom(
      "a",
      "b: ",
      "- ",
      ": ",
      "\n",
      "\n  ",
      "\n    ",
      "# c",
      " #c",
      '"q"',
      "'s'",
      "[",
      "]",
      "{",
      "}",
      ",",
      "&x ",
      "*x",
      "|\n",
      ">-\n",
      "!t ",
      "~",
      "5",
      "---\n",
      "...\n",
      "\t",
      "<<: ",
      "? ",
      "%",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join("");
        const source = new Source("f.yaml", text);
        try {
          const fast = new FastReader(text, new TreeBuilder(source, {})).documents();
          const builder = new TreeBuilder(source, {});
          const complete = readCompletely(text, builder);
          const written = (trees: readonly TreeNode[]) => trees.map(toPlain).filter((tree) => tree !== null);
          if (builder.problems.length === 0) expect(written(fast)).toEqual(written(complete));
        } catch (error) {
          expect(error).toBeInstanceOf(Unread);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe("places", () => {
  test("point at keys and values, also behind anchors, in flow and over lines", () => {
    const { documents } = parse("a:\n  - x: &n {k: 'v'}\n  - |\n    text\nb: *n\n");
    const [root] = documents;
    const value = child(child(root, "b"), "k");
    expect(describePlace(value?.place ?? { kind: "object", locator: "" })).toBe("f.yaml:2:15");
    expect(outline(root as TreeNode)).toEqual([
      0,
      [
        [
          "a",
          "f.yaml:1:1",
          [
            5,
            [
              [7, [["x", "f.yaml:2:5", [13, [["k", "f.yaml:2:12", [17, "v", undefined]]]]]]],
              [26, "text\n", undefined],
            ],
          ],
        ],
        ["b", "f.yaml:5:1", [13, [["k", "f.yaml:2:12", [17, "v", undefined]]]]],
      ],
    ]);
  });

  test("are right behind Windows line ends", () => {
    const { documents, plain } = parse("a: 1\r\nb:\r\n  - x y\r\n  - >\r\n    z\r\n    w\r\n");
    expect(plain).toEqual([{ a: 1, b: ["x y", "z w\n"] }]);
    expect(outline(child(documents[0], "b") as TreeNode)).toEqual([
      12,
      [
        [14, "x y", undefined],
        [23, "z w\n", undefined],
      ],
    ]);
  });
});

describe("tags and merge keys", () => {
  test("keep tags that are the program's own, and apply YAML's", () => {
    const { documents, tagged } = parse("a: !reset null\nb: !override [1]\nc: !!str 5\nd: 2024-01-01\ne: 1e3\n");
    expect(tagged).toBe(true);
    const tags = ["a", "b", "c", "d", "e"].map((key) => child(documents[0], key)?.tag);
    expect(tags).toEqual(["!reset", "!override", undefined, "!!timestamp", "!!float"]);
    expect(toPlain(child(documents[0], "c") as TreeNode)).toBe("5");
  });

  test("a merge key with the tag of one is one", () => {
    const text = "a: &a {x: 1, y: 2}\nb:\n  !!merge <<: *a\n  y: 3\nc: {!!merge <<: *a}\n";
    expect(parse(text)).toMatchObject({
      plain: [{ a: { x: 1, y: 2 }, b: { x: 1, y: 3 }, c: { x: 1, y: 2 } }],
      problems: [],
    });
  });

  test("merge keys give way to the mapping's own keys, and earlier sources come before later ones", () => {
    const { plain } = parse("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  c: 3\n  <<: [*x, *y]\n");
    expect(plain).toEqual([{ x: { a: 1, b: 1 }, y: { b: 2, c: 2 }, z: { c: 3, a: 1, b: 1 } }]);
  });
});

describe("mistakes get a sentence with the place, and the rest is read", () => {
  test.each([
    [
      "a: 1\na: 2\n",
      'f.yaml:2:1 The key "a" stands twice in one mapping (the first is in line 1). Remove one of the two; the first is taken here.',
    ],
    [
      "a:\n\tb: 1\n",
      "f.yaml:2:1 A tab stands where the line is indented; YAML allows only spaces there. Replace the tab by spaces.",
    ],
    [
      "a: b: c\n",
      "f.yaml:1:4 A second `:` stands in one line, so that it is not clear what the value is. Put the value in quotes.",
    ],
    ["a: @b\n", "f.yaml:1:4 A value cannot begin with `@`. Put it in quotes."],
    ["a: [1, 2\n", "f.yaml:2:1 A `[` is never closed. Add the `]`."],
    ["a: 'x\n", "f.yaml:2:1 A quote that is opened here or before is never closed. Close it."],
    ["a: 1\n b: 2\n", "f.yaml:1:4 The lines below are indented as if they belonged to this value."],
    ["a: *b\n", "f.yaml:1:4 The alias *b stands for nothing: no anchor &b comes before it."],
    [
      "image: &img x\na: *imgg\n",
      'f.yaml:2:4 The alias *imgg stands for nothing: no anchor &imgg comes before it. Did you mean "img"?',
    ],
    ["8080: x\n", 'f.yaml:1:1 The key 8080 is read as a number, where a text is wanted. Put it in quotes: "8080".'],
    ["a: \u0001\n", "f.yaml:1:4 The control character U+0001 stands here, which YAML does not allow."],
    [
      "{% if x %}\na: 1\n{% endif %}\n",
      "f.yaml:1:1 This is a template (it has `{% … %}` in it), not YAML: it can be read only once it is rendered. Render it and check the result.",
    ],
    [
      "services:\n  a:\n<<<<<<< HEAD\n    image: x:1\n=======\n    image: x:2\n>>>>>>> other/branch\n    ports: []\n",
      "f.yaml:3:1 A merge conflict is not resolved here: both sides of it stand in the file, which is not read.",
    ],
    [
      "a: {{ x }}-y\n",
      "f.yaml:1:4 This is a template (it has `{{ … }}` in it), not YAML: it can be read only once it is rendered. Render it and check the result.",
    ],
  ])("%j", (text, sentence) => {
    const { problems } = parse(text);
    expect(problems[0]).toContain(sentence);
    expect(problems.length).toBeLessThanOrEqual(3);
  });

  test("the first of two values under one key counts", () => {
    expect(parse("a: 1\na: 2\nb: 3\n").plain).toEqual([{ a: 1, b: 3 }]);
  });

  test("a merge conflict is the one thing that is told of a text, whatever the ends of its lines", () => {
    for (const end of ["\n", "\r\n"]) {
      const text = ["a:", "<<<<<<< HEAD", "  b: 1", "||||||| 1a2b3c4", "=======", "  b: 2", ">>>>>>> x", ""].join(end);
      expect(parse(text)).toMatchObject({ plain: [], problems: [expect.stringContaining("A merge conflict")] });
    }
    expect(parse("a: |\n  <<<<<<< HEAD\n  =======\n  >>>>>>> x\n").problems).toEqual([]);
  });

  test("a template whose marks are in quotes is no template", () => {
    expect(parse('a: "{{ x }}"\n')).toMatchObject({ plain: [{ a: "{{ x }}" }], problems: [] });
  });
});

describe("hostile texts cost little", () => {
  test.each([
    ["flow", `a: ${"[".repeat(10_000)}${"]".repeat(10_000)}`],
    [
      "block",
      Array.from({ length: 10_000 }, (_, depth) => `${" ".repeat(depth)}a:`)
        .join("\n")
        .slice(0, 4_000_000),
    ],
    ["compact lists", "- ".repeat(10_000)],
    ["an explicit key first", `? x\n: ${"{a: ".repeat(10_000)}`],
  ])("nesting 10,000 deep: %s", (_, text) => {
    const start = threadMs();
    const { problems, documents } = parse(text);
    expect(problems[0]).toMatch(/nest more than 200 deep here; the file is not read\.$/);
    expect(documents).toEqual([]);
    expect(threadMs() - start).toBeLessThan(1000);
  });

  test("aliases that stand for a billion values", () => {
    const lines = Array.from(
      { length: 12 },
      (_, index) =>
        `a${index}: &a${index} [${Array(10)
          .fill(index === 0 ? "x" : `*a${index - 1}`)
          .join(", ")}]`,
    );
    const start = threadMs();
    const { problems } = parse(lines.join("\n"));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`stand for more than ${maxAliasNodes} values; from here on they are not read.`);
    expect(threadMs() - start).toBeLessThan(1000);
  });

  test("a file of the largest size, in one line or in a million", () => {
    for (const text of [
      `a: ${"x".repeat(4_000_000)}`,
      "a\n".repeat(2_000_000),
      "- a\n".repeat(1_000_000),
      `a: "${"\\n".repeat(2_000_000)}"`,
      `a: '${"x\n".repeat(1_000_000)}'`,
      `[${'{"k":"v"},'.repeat(300_000)}1]`,
      "{".repeat(100),
      " ".repeat(4_000_000),
      "#\n".repeat(2_000_000),
    ]) {
      const start = threadMs();
      parse(text);
      expect(threadMs() - start, text.slice(0, 10)).toBeLessThan(4000);
    }
  });
});
