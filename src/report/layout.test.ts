import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counted, displayWidth, padOrCut, someOf, wrap } from "./layout.ts";

describe("text laid out for a terminal", () => {
  it("counts wide characters as two columns and marks as none", () => {
    expect(displayWidth("caddy")).toBe(5);
    expect(displayWidth("数据库")).toBe(6);
    expect(displayWidth("한글")).toBe(4);
    expect(displayWidth("🐘db")).toBe(4);
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("größe")).toBe(5);
  });

  it("never makes a line wider than asked, and loses nothing but spaces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", "数", "é", "-", "🐘"), maxLength: 50 }), { maxLength: 20 }),
        fc.integer({ min: 8, max: 60 }),
        (words, width) => {
          const lines = wrap(words.join(" "), width);
          return (
            lines.every((line) => displayWidth(line) <= width) && lines.join("").replaceAll(" ", "") === words.join("")
          );
        },
      ),
    );
  });

  it("breaks at spaces where it can, and gives one line when the width is not known", () => {
    expect(wrap("the root file system is writable", 12)).toEqual(["the root", "file system", "is writable"]);
    expect(wrap("a ".repeat(300).trim(), Number.POSITIVE_INFINITY)).toHaveLength(1);
  });

  it("leaves no space at the end of a line that it breaks", () => {
    expect(wrap("host/compose.yaml:2:1  identity.login", 24)).toEqual(["host/compose.yaml:2:1", "identity.login"]);
  });

  it("fills or cuts to exactly the width", () => {
    expect(padOrCut("ab", 4)).toBe("ab  ");
    expect(padOrCut("abcdef", 4)).toBe("abc…");
    expect(displayWidth(padOrCut("数据库数据库", 6))).toBe(6);
  });

  it("counts in words and names the first few", () => {
    expect(counted(1, "service")).toBe("1 service");
    expect(counted(12345, "line")).toBe("12 345 lines");
    expect(counted(2, "policy", "policies")).toBe("2 policies");
    expect(someOf(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
    expect(someOf(["a", "b"], 2)).toBe("a, b");
  });
});
