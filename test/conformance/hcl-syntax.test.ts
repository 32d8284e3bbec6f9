import { parse } from "@cdktf/hcl2json";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHcl } from "../../src/formats/hcl/parse.ts";
import { Source } from "../../src/lib/place.ts";
import { asHcl2Json } from "./hcl-syntax.ts";
import { hclTexts, hurtHclTexts } from "./hcl-texts.ts";

// covers: P1 | incus | real: HashiCorp's HCL parser

/** What HashiCorp's parser makes of a text: its JSON, `refused`, or `odd` for what it reads and cannot put into JSON. */
async function real(text: string): Promise<{ readonly json: unknown } | "refused" | "odd"> {
  try {
    return { json: await parse("main.tf", text) };
  } catch (error) {
    return String(error instanceof Error ? error.message : error).startsWith("parse config") ? "refused" : "odd";
  }
}

async function agree(text: string): Promise<void> {
  const theirs = await real(text);
  const { body, problems } = parseHcl(new Source("main.tf", text), text);
  if (theirs === "odd") return;
  expect(problems.length > 0, problems[0]?.message).toBe(theirs === "refused");
  if (theirs !== "refused") expect(asHcl2Json(body, text)).toEqual(theirs.json);
}

describe("HCL's native syntax is read as HashiCorp's own parser reads it", () => {
  test("over texts made by the grammar", async () => {
    await fc.assert(fc.asyncProperty(hclTexts, agree), { numRuns: 250, seed: 20_261_121 });
  });

  test("over texts with a mistake in them: what one refuses the other refuses", async () => {
    await fc.assert(fc.asyncProperty(hurtHclTexts, agree), { numRuns: 400, seed: 20_261_121 });
  });

  test.each([
    ["a block on one line", 'a { b = 1 }\nc "d" e {}\n'],
    ["every heredoc", "a = <<E\n x\n ${y}\nE\nb = <<-E\n\t x\n\n   y\n  E\nc = [<<E\nz\nE\n]\n"],
    ["comments", "# a\n// b\n/* c\n*/ d = 1 /* e */ # f\n"],
    ["carriage returns", 'a = "x"\r\nb {\r\n  c = <<E\r\nd\r\nE\r\n}\r\n'],
    ["old indexes", "a = b.0.c\nd = e.*.f[0]\ng = h[*].i[1].j\n"],
    ["names with dashes", "a-b = c-d.e-f\n"],
    ["namespaced functions", 'a = provider::x::y("z")\n'],
    ["a conditional over lines in parentheses", "a = (\n  b\n  ? 1\n  : 2\n)\n"],
    ["no newline at the end", "a = 1"],
    ["a byte that belongs nowhere", "a = 1\n`\n"],
    ["an unfinished template", 'a = "${b'],
  ])("%s", async (_, text) => {
    await agree(text);
  });
});
