import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseBytes, parseDuration, splitCommand } from "./units.ts";

describe("durations", () => {
  test.each([
    ["90s", "1m30s"],
    ["1h", "1h0m0s"],
    ["1.5s", "1.5s"],
    ["500ms", "500ms"],
    ["1us", "1µs"],
    ["1d", "24h0m0s"],
    ["1w2d", "216h0m0s"],
    ["0", "0s"],
    ["-5s", "-5s"],
    ["1m1ms", "1m0.001s"],
  ])("%s is printed as %s", (text, printed) => {
    const duration = parseDuration(text);
    expect(duration === undefined ? undefined : formatDuration(duration)).toBe(printed);
  });

  test.each(["", "5", "5x", "s", ".s", "1h 2m", "--5s"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("what is printed reads as the same duration", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), (duration) => {
        const again = parseDuration(formatDuration(duration)) ?? 0n;
        const difference = again - duration;
        expect(difference >= -1n && difference <= 1n).toBe(true);
      }),
    );
  });
});

test("sizes count in powers of 1024, whatever their unit is called", () => {
  const texts = ["100", "1k", "1KB", "1KiB", "1.5 GiB", "2m", "1b", "1.5", "", "1zb", "-1", "1 kx", "k"];
  expect(texts.map(parseBytes)).toEqual([
    100,
    1024,
    1024,
    1024,
    1610612736,
    2097152,
    1,
    1,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("command lines are split as a shell would, without running anything", () => {
  const lines = [
    "a b",
    `a "b c" 'd e'`,
    "a\\ b",
    "a | b",
    "a;b",
    "",
    "''",
    "a $(b c) d",
    'a "b',
    "(a)",
    "a 2>b",
    "a\tb\nc",
  ];
  expect(lines.map(splitCommand)).toEqual([
    ["a", "b"],
    ["a", "b c", "d e"],
    ["a b"],
    ["a"],
    ["a"],
    [],
    [""],
    ["a", "$(b c)", "d"],
    undefined,
    undefined,
    ["a"],
    ["a", "b", "c"],
  ]);
});
