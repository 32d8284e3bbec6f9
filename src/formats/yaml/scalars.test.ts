import { describe, expect, test } from "vitest";
import { isFloat, isTimestamp, resolvePlain } from "./scalars.ts";

describe("plain scalars as go-yaml takes them", () => {
  test.each([
    ["yes", "yes"],
    ["off", "off"],
    ["True", true],
    ["FALSE", false],
    ["tRue", "tRue"],
    ["~", null],
    ["", null],
    ["Null", null],
    ["0777", 511],
    ["0o17", 15],
    ["08", 8],
    ["0x1F", 31],
    ["-0b11", -3],
    ["1_000", 1000],
    ["12:30:45", "12:30:45"],
    ["1e3", 1000],
    [".5", 0.5],
    ["1.2.3", "1.2.3"],
    [".inf", Number.POSITIVE_INFINITY],
    ["12345678901234567890", "12345678901234567890"],
    ["0x", "0x"],
    ["-", "-"],
  ])("%j is %j", (text, value) => {
    expect(resolvePlain(text)).toBe(value);
  });

  test("points in time are told from texts that look like them", () => {
    const texts = [
      "2024-01-01",
      "2024-1-1",
      "2024-01-01T10:00:00Z",
      "2024-01-01 10:00:00",
      "2024-02-31",
      "2024-13-01",
      "2024-01-01T10:00:00",
      "20240-01-01",
    ];
    expect(texts.map(isTimestamp)).toEqual([true, true, true, true, false, false, false, false]);
  });

  test("whole numbers written as floats are told from integers", () => {
    expect(["1.0", "1e6", "10", "0x1e", "-2."].map(isFloat)).toEqual([true, true, false, false, true]);
  });
});
