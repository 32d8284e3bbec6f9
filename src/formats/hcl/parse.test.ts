import { describe, expect, test } from "vitest";
import { Source } from "../../lib/place.ts";
import type { HclExpression } from "./ast.ts";
import { parseHcl } from "./parse.ts";

function parse(text: string) {
  return parseHcl(new Source("main.tf", text), text);
}

function value(text: string): HclExpression {
  const { body, problems } = parse(`a = ${text}\n`);
  expect(problems).toEqual([]);
  const attribute = body.attributes.get("a");
  if (attribute === undefined) throw new Error("There is no argument a.");
  return attribute.value;
}

/** Each problem as `line:column: sentence`. */
function sentences(text: string): string[] {
  return parse(text).problems.map(({ place, message }) => {
    if (place.kind !== "file") throw new Error("A problem has no place.");
    const { line, column } = place.source.locate(place.offset);
    return `${line}:${column}: ${message}`;
  });
}

describe("arguments and blocks", () => {
  test("labels, nested blocks and arguments are kept with their places", () => {
    const { body, problems } = parse('resource "incus_network" "prod" {\n  name = "prod" # why\n  config {\n  }\n}\n');
    expect(problems).toEqual([]);
    const block = body.blocks[0];
    expect(block?.labels.map((label) => label.text)).toEqual(["incus_network", "prod"]);
    expect(block?.body.blocks.map((inner) => inner.type)).toEqual(["config"]);
    expect(block?.body.attributes.get("name")?.value).toMatchObject({ kind: "literal", value: "prod" });
    expect(block?.body.attributes.get("name")?.value.place).toMatchObject({ offset: 43, end: 49 });
  });

  test("every kind of comment is skipped", () => {
    const { body, problems } = parse("# one\n// two\n/* three\n */ a = /* four */ 1 // five\n");
    expect(problems).toEqual([]);
    expect([...body.attributes.keys()]).toEqual(["a"]);
  });

  test("of an argument that stands twice the first counts, and that is said", () => {
    expect(parse("a = 1\na = 2\n").body.attributes.get("a")?.value).toMatchObject({ value: 1 });
    expect(sentences("a = 1\na = 2\n")).toEqual([
      "2:1: The argument a stands here for a second time; the first one counts.",
    ]);
  });
});

describe("values", () => {
  test("a text with nothing interpolated is a literal, with escapes resolved", () => {
    expect(value(String.raw`"a\n\"é\" $${"$"}{x} %%{y}"`)).toMatchObject({ kind: "literal" });
    expect(value(String.raw`"tab\t\u00e9\U0001F512"`)).toMatchObject({ value: "tab\té🔒" });
    expect(value('"$${x} %%{y}"')).toMatchObject({ value: "${x} %{y}" });
  });

  test("a heredoc with <<- loses the indentation that all its lines share", () => {
    expect(value("<<-EOT\n    a\n      b\n\n    c\n    EOT")).toMatchObject({ value: "a\n  b\n\nc\n" });
  });

  test("~ takes away white space as far as the line's end", () => {
    const template = value("<<EOT\n%{ for x in y ~}\n  ${x}\n%{ endfor ~}\nend\nEOT");
    expect(template).toMatchObject({
      kind: "template",
      parts: [{ kind: "for", body: [{ text: "  " }, { kind: "interpolation" }, { text: "\n" }] }, { text: "end\n" }],
    });
  });

  test("operators bind as in the specification", () => {
    expect(value("1 + 2 * 3 == 7 && !false ? 1 : 2")).toMatchObject({
      kind: "conditional",
      condition: {
        operator: "&&",
        left: { operator: "==", left: { operator: "+", right: { operator: "*" } } },
        right: { kind: "unary" },
      },
    });
  });

  test("a splat keeps what is done with each item", () => {
    expect(value("a.b[*].c[0]")).toMatchObject({ kind: "splat", each: { kind: "index", on: { kind: "member" } } });
    expect(value("a.*.c[0]")).toMatchObject({ kind: "index", on: { kind: "splat", each: { kind: "member" } } });
  });

  test("a bare key of an object is a text, a key in parentheses is a value", () => {
    expect(value("{ a = 1, (b) : 2\n c = 3 }")).toMatchObject({
      entries: [{ key: { value: "a" } }, { key: { kind: "parentheses" } }, { key: { value: "c" } }],
    });
  });
});

describe("mistakes", () => {
  test("one bad block does not hide those around it", () => {
    const text = 'a "x" {\n  one = 1\n  two = = 2\n  three = 3\n}\nb {\n}\n';
    const { body } = parse(text);
    expect(body.blocks.map((block) => block.type)).toEqual(["a", "b"]);
    expect([...(body.blocks[0]?.body.attributes.keys() ?? [])]).toEqual(["one", "three"]);
    expect(body.blocks[0]?.body.incomplete).toBeDefined();
    expect(sentences(text)).toEqual(['3:9: Expected a value here, but found "=".']);
  });

  test("a brace that is missing does not swallow the blocks that come after it", () => {
    const text = 'resource "a" "b" {\n  x = 1\n\nresource "c" "d" {\n  y = 1\n}\n';
    expect(parse(text).body.blocks.map(({ labels }) => labels[0]?.text)).toEqual(["a", "c"]);
    expect(sentences(text)).toEqual(["1:1: The block resource that begins here is not closed with }."]);
  });

  test.each([
    ['a = "x\nb = 1\n', "1:5: The text that begins here with a quotation mark is not closed."],
    ["a = <<EOT\nx\n", "1:5: The text that begins here with <<EOT does not end."],
    ["a = [1 2]\n", '1:8: Expected "]" to close the list, but found "2".'],
    ["a { b = 1, c = 2 }\n", '1:10: Expected "}" after the only argument of a block on one line, but found ",".'],
    ['a = "${b"\n', '1:9: Expected "}" to close what begins with ${, but found a quotation mark.'],
    ['a = "%{ while x }"\n', '1:9: Expected one of if, else, endif, for and endfor after "%{".'],
    ["a = 1.2.3\n", "1:5: This is no number."],
    ["}\n", "1:1: This } closes nothing."],
  ])("%j is answered with a sentence and a place", (text, sentence) => {
    expect(sentences(text)[0]).toBe(sentence);
  });

  test.each([
    ["brackets", `a = ${"[".repeat(100_000)}`],
    ["operators", `a = ${"!".repeat(100_000)}b`],
    ["blocks", "a {\n".repeat(100_000)],
    ["interpolations", `a = ${'"${'.repeat(100_000)}`],
    ["heredocs without an end", "a = <<EOT\n".repeat(100_000)],
    ["unclosed strings", 'a = "\n'.repeat(100_000)],
    ["unclosed comments", "a = 1 /*\n".repeat(100_000)],
  ])("a hundred thousand %s are refused in time", (_, text) => {
    const began = performance.now();
    expect(parse(text).problems.length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
