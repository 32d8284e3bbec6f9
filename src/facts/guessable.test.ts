import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGuessable } from "./guessable.ts";

describe("a secret that anybody would try", () => {
  test.each([
    "changeme",
    "ChangeMe!",
    "password123",
    "my-secret-password",
    "secure-db-password",
    "supersecret",
    "<your password>",
    "[insert here]",
    "****",
    "aaaaaaaa",
    "123456789",
    "postgres",
    "admin2024",
    "qwerty12",
    "minioadmin",
    "!!!",
  ])("is recognised: %s", (value) => expect(isGuessable(value, [])).toBe(true));

  test("is a key that a program comes with", () => expect(isGuessable("SW2YcwTIb9zpOOhoPsMm", [])).toBe(true));

  test("is one made of the program's and its user's names", () => {
    expect(isGuessable("wikijs2024", ["wikijs"])).toBe(true);
    expect(isGuessable("my-shop-db", ["my-shop"])).toBe(true);
    expect(isGuessable("wikijs2024", [])).toBe(false);
  });
});

describe("a secret that nobody would try", () => {
  test.each([
    "h7Gq2mZx9wLp4Rt",
    "deport-silver-showcase-pusher-radiantly",
    "8aff725d2e16ef31fbc42",
    "пароль-горит-ярко",
  ])("is left alone: %s", (value) => expect(isGuessable(value, ["shop", "postgres"])).toBe(false));

  test("is any that was generated", () => {
    const generated = fc
      .uint8Array({ minLength: 16, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    const varied = generated.filter((text) => new Set(text).size > 6);
    fc.assert(
      fc.property(varied, (text) => !isGuessable(text, ["shop", "db", "app"])),
      { numRuns: 300 },
    );
  });

  test("is an empty one, which is judged as such", () => expect(isGuessable("", [])).toBe(false));
});
