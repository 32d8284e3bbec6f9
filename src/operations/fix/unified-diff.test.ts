import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

test("A difference has its lines, with three around them, and where they stand", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\nh\n";
  expect(unifiedDiff("x/y.yaml", before, before.replace("e\n", "e\nnew\n"))).toBe(
    "--- a/x/y.yaml\n+++ b/x/y.yaml\n@@ -3,6 +3,7 @@\n c\n d\n e\n+new\n f\n g\n h\n",
  );
  expect(unifiedDiff("x", before, before)).toBe("");
});

test("A file that is new, and a last line without an end, are told as such", () => {
  expect(unifiedDiff(".gitignore", undefined, "/.env\n")).toBe(
    "--- /dev/null\n+++ b/.gitignore\n@@ -0,0 +1 @@\n+/.env\n",
  );
  expect(unifiedDiff("x", "a", "b\n")).toBe("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n");
});

test("The shortest difference is told: every line that both have stays", () => {
  const line = fc.constantFrom("a\n", "b\n", "c\n");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(line, { maxLength: 12 }), (a, b) => {
      const diff = unifiedDiff("x", a.join(""), b.join(""));
      const changed = diff.split("\n").filter((each) => /^[-+](?![-+])/.test(each)).length;
      expect(changed).toBe(a.length + b.length - 2 * longestCommon(a, b));
    }),
    { numRuns: 300 },
  );
});

test("`git apply` makes the one text of the other", () => {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-diff-"));
  const line = fc.constantFrom("a\n", "b\r\n", "  c: d\n", "\n");
  const text = fc.tuple(fc.array(line, { minLength: 1, maxLength: 25 }), fc.constantFrom("", "end"));
  try {
    fc.assert(
      fc.property(text, text, ([a, endA], [b, endB]) => {
        const before = a.join("") + endA;
        const after = b.join("") + endB;
        writeFileSync(join(folder, "f"), before);
        const input = unifiedDiff("f", before, after);
        if (input !== "")
          execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: folder, input, stdio: "pipe" });
        expect(readFileSync(join(folder, "f"), "utf8")).toBe(after);
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      (table[i] as number[])[j] =
        a[i - 1] === b[j - 1]
          ? (table[i - 1]?.[j - 1] ?? 0) + 1
          : Math.max(table[i - 1]?.[j] ?? 0, table[i]?.[j - 1] ?? 0);
  return table[a.length]?.[b.length] ?? 0;
}
