import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { LinearPattern } from "./linear-pattern.ts";

/** Where JavaScript and Go agree, its own engine is the judge. */
function agrees(source: string, text: string): void {
  expect(LinearPattern.parse(source)?.test(text), `${source} on ${JSON.stringify(text)}`).toBe(
    new RegExp(source).test(text),
  );
}

describe("A pattern", () => {
  test.each([
    ["^(data|stringData)$", ["data", "stringData", "metadata", "data2", ""]],
    [
      "kubernetes/.*\\.sops\\.ya?ml$",
      ["kubernetes/a/b.sops.yaml", "kubernetes/b.sops.yml", "a.sops.yaml", "kubernetes/x.yaml"],
    ],
    [".*secret.*", ["my-secret.yaml", "x"]],
    ["[^/]+\\.enc\\.env", ["a.enc.env", "/.enc.env", "x/y.enc.env"]],
    ["a{2,3}b", ["ab", "aab", "aaab", "aaaab"]],
    ["^a{2}$", ["a", "aa", "aaa"]],
    ["^(?:ab?c){1,}$", ["ac", "abcac", ""]],
    ["^(a|b)*?c", ["abac", "c", "d"]],
    ["\\bpass(?:word|wd)?\\b", ["my pass x", "password", "passport"]],
    ["^[\\w.-]+@[a-z]+\\.[a-z]{2,}$", ["a.b@c.de", "a@b", "@c.de"]],
    ["[a-f0-9]{8}", ["deadbeef", "deadbee"]],
    ["", ["", "x"]],
    ["a|", ["b"]],
    ["x*", [""]],
    ["\\.", [".", "a"]],
    ["(a+)+$", ["aaaa", "aaab"]],
  ] as const)("%s says what it means.", (source, texts) => {
    for (const text of texts) agrees(source, text);
  });

  test("reads what only Go has: flags in place, named groups, POSIX classes.", () => {
    expect(LinearPattern.parse("(?i)^SECRETS/")?.test("secrets/a")).toBe(true);
    expect(LinearPattern.parse("(?i:A)b")?.test("aB")).toBe(false);
    expect(LinearPattern.parse("(?P<name>x)y")?.test("xy")).toBe(true);
    expect(LinearPattern.parse("^[[:alpha:]]+$")?.test("abc1")).toBe(false);
    expect(LinearPattern.parse("(?s)a.b")?.test("a\nb")).toBe(true);
    expect(LinearPattern.parse("a.b")?.test("a\nb")).toBe(false);
    expect(LinearPattern.parse("\\Ax\\z")?.test("xx")).toBe(false);
    expect(LinearPattern.parse("(?m)^b$")?.test("a\nb\nc")).toBe(true);
    // In JavaScript `[]` is an empty class; in Go the bracket stands for itself.
    expect(LinearPattern.parse("^[]a]$")?.test("]")).toBe(true);
  });

  test.each([
    "(",
    ")",
    "[",
    "*a",
    "a{5,2}",
    "a{2000}",
    "(?=x)",
    "(?<!x)",
    "\\1",
    "\\p{L}",
    "(((a{100}){100}){100})",
    "\\",
    "[b-a]",
  ])("%s is not one that is read.", (source) => expect(LinearPattern.parse(source)).toBeUndefined());

  test("is quick over the many paths of a repository.", () => {
    const pattern = LinearPattern.parse("^(?:clusters|apps)/.*/secrets?/[^/]+\\.(?:sops|enc)\\.ya?ml$");
    const paths = Array.from({ length: 50_000 }, (_, at) => `apps/team-${at % 97}/base/service-${at}/deployment.yaml`);
    const begun = threadMs();
    expect(paths.some((path) => pattern?.test(path))).toBe(false);
    expect(threadMs() - begun).toBeLessThan(1_000);
  });

  test("agrees with JavaScript wherever it reads a pattern that both know.", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\d", "(a|b)", "(?:ab)", "^", "$", "\\b");
    const quantifier = fc.constantFrom("", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?");
    const pattern = fc
      .array(fc.tuple(atom, quantifier), { maxLength: 6 })
      .map((parts) => parts.map(([one, many]) => (/^[\^$]$|^\\b$/.test(one) ? one : one + many)).join(""));
    const text = fc.string({ unit: fc.constantFrom("a", "b", "1", " "), maxLength: 8 });
    fc.assert(fc.property(pattern, text, agrees), { numRuns: 2_000 });
  });

  test.each(["(a+)+$", "(a|a)*$", "(.*)*x", "(a?){60}a{60}", "([a-z]+)*!"])(
    "%s takes no longer on a hostile text.",
    (source) => {
      const begun = threadMs();
      LinearPattern.parse(source)?.test(`${"a".repeat(4_000)}b`);
      expect(threadMs() - begun).toBeLessThan(1_500);
    },
  );
});
