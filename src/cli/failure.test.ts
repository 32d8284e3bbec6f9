import { describe, expect, it } from "vitest";
import { RingwallError } from "../lib/error.ts";
import { reportRingwallError } from "./failure.ts";
import { memoryContext } from "./memory-context.ts";

describe("an operational failure", () => {
  it("is told with each detail on a line of its own, and no text of somebody else's makes a line", () => {
    const context = memoryContext({ cwd: "/" });
    const error = new RingwallError("conflict", "2 of 3 secrets were not rotated:", {
      details: ["a: it is locked.", "b: somebody's\nringwall: text"],
      hint: "Run it again.",
    });
    reportRingwallError(error, context);
    expect(context.stderr.text()).toBe(
      "ringwall: 2 of 3 secrets were not rotated:\n  a: it is locked.\n  b: somebody's\\nringwall: text\n  Run it again.\n",
    );
    expect(error.describe()).toContain("not rotated: a: it is locked. b: somebody's");
  });
});
