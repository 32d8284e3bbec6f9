import { describe, expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { IgnoreRules } from "./ignore-rules.ts";

/** What the rules say of a file, or of a folder when the path ends in a slash. */
function judge(rules: string, path: string) {
  const isFolder = path.endsWith("/");
  return new IgnoreRules(rules).judge(isFolder ? path.slice(0, -1) : path, isFolder);
}

describe("Ignore rules follow gitignore(5)", () => {
  test.each([
    [".env", ".env", "ignored"],
    [".env", "deep/down/.env", "ignored"],
    ["/.env", "deep/.env", undefined],
    ["/.env", ".env", "ignored"],
    ["*.env", "prod.env", "ignored"],
    ["*.env", "prod.env.example", undefined],
    ["secrets/", "secrets/", "ignored"],
    ["secrets/", "secrets", undefined],
    ["a/b", "a/b", "ignored"],
    ["a/b", "x/a/b", undefined],
    ["**/b", "x/y/b", "ignored"],
    ["a/**", "a/x/y", "ignored"],
    ["a/**", "a", undefined],
    ["a/**/b", "a/b", "ignored"],
    ["a/**/b", "a/x/y/b", "ignored"],
    ["a*b", "a/b", undefined],
    ["file?.txt", "file1.txt", "ignored"],
    ["[a-c].key", "b.key", "ignored"],
    ["[!a-c].key", "b.key", undefined],
    ["# .env", ".env", undefined],
    ["\\#x", "#x", "ignored"],
    ["\\!x", "!x", "ignored"],
    [".env   ", ".env", "ignored"],
    ["x\\ ", "x ", "ignored"],
    [".env\r", ".env", "ignored"],
    ["", ".env", undefined],
    ["[", "[", undefined],
  ])("%j of %j: %s", (rules, path, expected) => {
    expect(judge(rules, path)).toBe(expected);
  });

  test("The last rule that matches counts, and an exclamation mark takes back.", () => {
    expect(judge("*.env\n!example.env", "example.env")).toBe("kept");
    expect(judge("!example.env\n*.env", "example.env")).toBe("ignored");
  });

  test("A pattern of many stars takes no longer than others.", () => {
    const hostile = `${"a*".repeat(60)}b`;
    const started = threadMs();
    expect(judge(hostile, "a".repeat(5_000))).toBeUndefined();
    expect(threadMs() - started).toBeLessThan(1_000);
  });
});
