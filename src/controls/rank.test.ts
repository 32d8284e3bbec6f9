import { expect, test } from "vitest";
import { finding } from "../../test/support/report-input.ts";
import { ranked } from "./rank.ts";

const order = (...findings: readonly Parameters<typeof finding>[0][]) =>
  ranked(findings.map((over) => finding(over))).map(({ message }) => message);

test("A way from outside to the host comes before what is as severe", () => {
  const chain = { message: "chain", exposure: "internal", includes: [finding()] } as const;
  expect(order({ message: "part", exposure: "published" }, chain)).toEqual(["part", "chain"].toReversed());
});

test("A file that could not be read comes after the faults of its severity, and before those below", () => {
  const unread = { message: "unread", control: "input", verdict: "unknown" } as const;
  expect(order(unread, { message: "medium", severity: "medium" }, { message: "high" })).toEqual([
    "high",
    "unread",
    "medium",
  ]);
});

test("What cannot be told comes two steps lower than the fault that it may be", () => {
  const unknown = { message: "unknown", verdict: "unknown" } as const;
  const others = [
    { message: "low", severity: "low" },
    { message: "medium", severity: "medium" },
  ] as const;
  expect(order(unknown, ...others)).toEqual(["medium", "low", "unknown"]);
});
