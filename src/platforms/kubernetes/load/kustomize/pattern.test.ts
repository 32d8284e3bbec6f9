import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadMs } from "../../../../../test/support/thread-time.ts";
import { Pattern } from "./pattern.ts";

describe("A pattern of a kustomization", () => {
  it.each([
    ["web", "web", true],
    ["web", "web2", false],
    ["web.*", "web-api", true],
    ["(web|api)-[0-9]+", "api-12", true],
    ["(web|api)-[0-9]+", "api-", false],
    ["a|b|", "", true],
    ["^a$", "a", true],
    ["(?:a(b)?){2}", "aba", true],
    ["a{2,}", "aaaa", true],
    ["a{2,3}", "aaaa", false],
    ["[^/]+/app\\.x", "r/app.x", true],
    ["[^/]+/app\\.x", "r/appzx", false],
    ["[[:alpha:]_-]+", "a_b-c", true],
    ["[]a]+", "a]", true],
    ["(?i)WEB", "web", true],
    ["\\d\\D\\w\\W\\s\\S", "1a_. b", true],
    ["a.*?b", "axxb", true],
    ["", "", true],
  ])("%s of %s: %s", (pattern, text, matches) => {
    expect(Pattern.parse(pattern)?.matches(text)).toBe(matches);
  });

  it.each(["(", "a)", "[a", "*", "\\p{L}", "(?=a)", "a{99999}", "((a{500}){500}){500}", "\\"])(
    "that is none is not taken: %s",
    (pattern) => {
      expect(Pattern.parse(pattern)).toBeUndefined();
    },
  );

  it("says what JavaScript's own says, over patterns that both know", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)");
    const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{1,2}", "{2}")).map((parts) => parts.join(""));
    const pattern = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 }), (source, text) => {
        expect(Pattern.parse(source)?.matches(text)).toBe(new RegExp(`^(?:${source})$`).test(text));
      }),
      { numRuns: 500 },
    );
  });

  it("takes no time that grows faster than the text, whatever it says", () => {
    const started = threadMs();
    expect(Pattern.parse("(a+)+(a|aa)*x")?.matches("a".repeat(3000))).toBe(false);
    expect(threadMs() - started).toBeLessThan(1000);
  });
});
