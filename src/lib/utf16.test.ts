import { expect, test } from "vitest";
import { isUtf16 } from "./utf16.ts";

const text = "services:\n  web:\n    image: caddy:2.11\n";
const little = Buffer.from(text, "utf16le");
const big = Buffer.from(little).swap16();

test("Text of UTF-16 is told in both byte orders, with its mark and without", () => {
  for (const bytes of [little, big, Buffer.from([0xff, 0xfe, ...little]), Buffer.from([0xfe, 0xff, ...big])]) {
    expect(isUtf16(bytes)).toBe(true);
  }
});

test("Programs, archives, zeros and UTF-8 are not taken for it", () => {
  const others = [
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
    Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0]),
    Buffer.alloc(64),
    Buffer.from([0, 1]),
    Buffer.from([1, 0, 2]),
    Buffer.from(text),
    Buffer.alloc(0),
  ];
  expect(others.map(isUtf16)).toEqual([false, false, false, false, false, false, false]);
});
