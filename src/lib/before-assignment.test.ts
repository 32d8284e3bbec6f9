import { expect, test } from "vitest";
import { beforeAssignment } from "./before-assignment.ts";

test.each([
  ["/dev/dri", "/dev/dri"],
  ["/media/my films", "/media/my films"],
  ["./a=b", "./a=b"],
  [".env - DB_PASSWORD=hunter2hunter2", ".env…"],
  [".env DB_PASSWORD=hunter2hunter2 X=1", ".env…"],
  [".env\n- DB_PASSWORD=hunter2hunter2", ".env…"],
])("What is assigned behind a path is left out: %j", (text, expected) => {
  expect(beforeAssignment(text)).toBe(expected);
});

test("A text costs no more than its length", () => {
  const start = performance.now();
  beforeAssignment(` ${"a".repeat(90)}`.repeat(20_000));
  beforeAssignment(" - ".repeat(300_000));
  expect(performance.now() - start).toBeLessThan(2_000);
});
