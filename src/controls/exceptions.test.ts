import { expect, test } from "vitest";
import { Source } from "../lib/place.ts";
import { parseExceptions } from "./exceptions.ts";

function parse(text: string) {
  return parseExceptions(text, new Source("ringwall.exceptions.yaml", text));
}

test("Entries are read with their texts and places", () => {
  const { exceptions, problems } = parse(
    "exceptions:\n  - control: workload.privileged-off\n    subject: vpn\n    reason: needs modules\n    owner: alex\n    until: 2026-12-31\n",
  );
  expect(problems).toEqual([]);
  expect(exceptions).toHaveLength(1);
  expect(exceptions[0]).toMatchObject({
    control: "workload.privileged-off",
    subject: "vpn",
    reason: "needs modules",
    owner: "alex",
    until: "2026-12-31",
  });
  expect(exceptions[0]?.place.kind).toBe("file");
});

test("A plain list does as well, and an empty file holds none", () => {
  expect(parse("- control: a.b\n  reason: why\n  owner: me\n").exceptions).toHaveLength(1);
  expect(parse("# nothing yet\n")).toEqual({ exceptions: [], problems: [] });
});

test("What lacks a reason comes back without one, to be judged later", () => {
  expect(parse("- control: a.b\n").exceptions[0]).toMatchObject({ reason: "", owner: "", subject: undefined });
});

test("A misspelt field waives nothing and is told with a suggestion", () => {
  const { exceptions, problems } = parse("- control: a.b\n  reson: why\n");
  expect(exceptions).toEqual([]);
  expect(problems[0]?.describe()).toContain(
    'ringwall.exceptions.yaml:2:3: An exception has no field "reson". Did you mean "reason"?',
  );
});

test("Broken YAML, duplicate keys, texts where a list belongs, and lists where a text belongs are problems", () => {
  expect(parse("- control: [a\n").problems).toHaveLength(1);
  expect(parse("- control: a.b\n  control: c.d\n").problems).toHaveLength(1);
  expect(parse("all of them").problems).toHaveLength(1);
  expect(parse("- control: [a, b]\n  reason: why\n").problems).toHaveLength(1);
  expect(parse("- just a text\n").problems).toHaveLength(1);
});

test.each([
  ["- control: a\n    reason: b\n", "indented"],
  ["- control: a\n  reason: b\n  reason: c\n", "reason"],
  ["- control: a\n  reason: b\n\towner: c\n", "not expected"],
  ["- control: [a\n", ""],
  ["- control: 'a\n", ""],
  ["a: b\n - c\n", ""],
])("A file that is no YAML is told in a sentence, without the parser's codes: %j.", (text, part) => {
  const [problem] = parse(text).problems;
  expect(problem?.message).toMatch(/^[A-Z`].*\.$/);
  expect(problem?.message).toContain(part);
  expect(`${problem?.message} ${problem?.hint}`).not.toMatch(/[A-Z]{3,}_[A-Z]{3,}/);
});

test.each(["until:", "until: null", "reason: ~"])("A field without a value is said to be empty: %s", (field) => {
  const { exceptions, problems } = parse(`- control: a\n  ${field}\n`);
  expect(exceptions).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual([
    `The field "${field.split(":")[0]}" of this exception is empty.`,
  ]);
});
