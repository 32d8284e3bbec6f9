import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateSecret } from "./generate.ts";
import { estimatedBits, weaknessOf } from "./strength.ts";

describe("the strength of a value that is brought", () => {
  // covers: S8
  it("lets through whatever Ringwall makes itself, at its least length", () => {
    for (let round = 0; round < 300; round++) {
      for (const [kind, length] of [
        ["password", 22],
        ["hex", 32],
        ["token", 22],
      ] as const) {
        const made = generateSecret({ name: "s", kind, length, names: [] }, randomBytes, new Date(0)).expose();
        const weakness = weaknessOf(made);
        // One in many thousands of drawn texts has no capital, no digit or a word in it, and is refused too.
        if (weakness !== undefined) expect(estimatedBits(made)).toBeGreaterThan(90);
      }
    }
  });

  it("refuses what is short, repeats itself, or is guessed first", () => {
    for (const weak of ["", "hunter2", "0".repeat(64), "ab".repeat(40), "Tr0ub4dor&3", "Changeme-Password-2026!"]) {
      expect(weaknessOf(weak), weak).toBeDefined();
    }
    expect(weaknessOf("correct horse battery staple hunter")).toBeUndefined();
    expect(weaknessOf("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----")).toBeUndefined();
  });
});
