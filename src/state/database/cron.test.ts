import { describe, expect, it } from "vitest";
import { nextTime } from "./cron.ts";

describe("the next time of a schedule", () => {
  it.each([
    ["0 3 * * *", "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"],
    ["0 3 * * *", "2026-01-01T02:59:59Z", "2026-01-01T03:00:00Z"],
    ["*/15 * * * *", "2026-01-01T00:16:00Z", "2026-01-01T00:30:00Z"],
    ["30 4 1 */3 *", "2026-01-01T05:00:00Z", "2026-04-01T04:30:00Z"],
    ["0 0 * * 0", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"],
    ["0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"],
    ["0 12 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"],
    ["5,10-12 1 31 12 *", "2026-12-31T01:05:00Z", "2026-12-31T01:10:00Z"],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
  ])("of %s after %s is %s", (cron, after, next) => {
    expect(nextTime(cron, new Date(after))).toEqual(new Date(next));
  });

  it.each(["", "* * * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-1 * * * *", "a * * * *", "0 0 30 2 *"])(
    "is refused for %j, with what was expected",
    (cron) => {
      expect(() => nextTime(cron, new Date("2026-01-01T00:00:00Z"))).toThrow(/is no schedule: /);
    },
  );
});
