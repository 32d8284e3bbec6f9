import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBlackout } from "../../../stack/blackout.ts";
import type { SecretRecord } from "../../../state/database/records.ts";
import { fakeStack } from "../testing/fake-stack.ts";
import { blackoutsOf, firstAllowed, isBlackedOut } from "./blackout.ts";
import { calendarOf } from "./calendar.ts";
import { dueOf } from "./due.ts";
import type { ScheduledSecret } from "./schedule.ts";
import { timerUnits } from "./timer.ts";

const day = 86_400_000;
const at = (text: string) => new Date(`${text}Z`);
const windows = (blackout: readonly string[], timezone = "UTC") => blackoutsOf({ blackout, timezone });

function record(rotatedAt: string | null, exposedSince: string | null = null): SecretRecord {
  return {
    stack: "shop",
    secret: "db-password",
    account: null,
    version: 1,
    rotatedAt,
    exposedSince,
    downtimeMs: null,
    rotator: null,
    orphans: [],
  };
}

function due(rotatedAt: string | null | undefined, now: string, more = "", policy = "") {
  const stack = fakeStack(
    [{ name: "db-password", consumers: ["api"], more: policy === "" ? "length: 32" : policy }],
    more,
  );
  const [secret] = stack.secrets;
  if (secret === undefined) throw new Error("no secret");
  return dueOf(secret, "fake", rotatedAt === undefined ? undefined : record(rotatedAt), { stack, now: at(now) });
}

describe("the time of a secret", () => {
  // covers: R17
  it("comes as often as its kind says, 90 days when nothing is said", () => {
    expect(due("2026-01-01T00:00:00Z", "2026-03-31T00:00:00")).toMatchObject({
      isDue: false,
      due: at("2026-04-01T00:00:00"),
    });
    expect(due("2026-01-01T00:00:00Z", "2026-04-01T00:00:00")).toMatchObject({ isDue: true, isOverdue: true });
    expect(due("2026-01-01T00:00:00Z", "2026-01-31T00:00:00", "", "rotation: 30d")).toMatchObject({ isDue: true });
    expect(due("2020-01-01T00:00:00Z", "2026-01-31T00:00:00", "", "rotation: on-compromise").due).toBeUndefined();
  });

  // covers: S7
  it("has come for one that somebody who left could read, whatever its policy, and its date is still told", () => {
    for (const policy of ["length: 32", "rotation: on-compromise"]) {
      const stack = fakeStack([{ name: "db-password", consumers: ["api"], more: policy }]);
      const [secret] = stack.secrets;
      if (secret === undefined) throw new Error("no secret");
      const given = record("2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z");
      expect(dueOf(secret, "fake", given, { stack, now: at("2026-01-06T00:00:00") })).toEqual({
        last: at("2026-01-01T00:00:00"),
        due: at("2026-01-06T00:00:00"),
        isDue: true,
        isOverdue: true,
        remark: "it was readable by an identity that left",
      });
    }
  });

  it("has come for a secret whose age is not known, and is not passed over", () => {
    for (const unknown of [undefined, null, "nonsense"]) {
      expect(due(unknown, "2026-01-01T00:00:00")).toMatchObject({
        isDue: true,
        isOverdue: true,
        remark: expect.stringContaining("its age is not known"),
      });
    }
  });

  it("is spread by the jitter, earlier and never later, and is the same whenever it is asked", () => {
    const jitter = "rotation: { jitter: 2h }";
    const one = due("2026-01-01T00:00:00Z", "2026-02-01T00:00:00", jitter);
    const exact = at("2026-04-01T00:00:00").getTime();
    expect(one.due?.getTime()).toBeLessThan(exact);
    expect(one.due?.getTime()).toBeGreaterThanOrEqual(exact - 2 * 3_600_000);
    expect(due("2026-01-01T00:00:00Z", "2026-02-02T00:00:00", jitter).due).toEqual(one.due);
    expect(due("2026-01-02T00:00:00Z", "2026-02-02T00:00:00", jitter).due?.getTime()).not.toBe(
      (one.due?.getTime() ?? 0) + day,
    );
  });

  it("waits for the end of a blackout window, and is not overdue meanwhile", () => {
    const more = 'rotation: { blackout: ["Wed 00:00-Thu 12:00"] }';
    expect(due("2026-01-01T00:00:00Z", "2026-04-01T06:00:00", more)).toMatchObject({
      due: at("2026-04-02T12:00:00"),
      isDue: true,
      isOverdue: false,
    });
    expect(due("2026-01-01T00:00:00Z", "2026-04-02T12:00:00", more)).toMatchObject({ isOverdue: true });
  });

  it("never lies behind when the clock has gone back", () => {
    const found = due("2026-06-01T00:00:00Z", "2026-01-01T00:00:00");
    expect(found).toMatchObject({
      isDue: false,
      isOverdue: false,
      remark: expect.stringContaining("clock has gone back"),
    });
    expect(found.due?.getTime()).toBeGreaterThan(at("2026-01-01T00:00:00").getTime());
  });
});

describe("a blackout window", () => {
  it("is hours of the week or days of the year, also over their ends", () => {
    const weekend = windows(["Fri 18:00-Mon 06:00"]);
    const inside = ["2026-11-20T18:00:00", "2026-11-21T12:00:00", "2026-11-23T05:59:00"];
    const outside = ["2026-11-20T17:59:00", "2026-11-23T06:00:00", "2026-11-25T12:00:00"];
    expect(inside.map((time) => isBlackedOut(at(time), weekend))).toEqual([true, true, true]);
    expect(outside.map((time) => isBlackedOut(at(time), weekend))).toEqual([false, false, false]);
    const holidays = windows(["12-20..01-03"]);
    expect(isBlackedOut(at("2026-12-20T00:00:00"), holidays)).toBe(true);
    expect(isBlackedOut(at("2027-01-03T23:59:00"), holidays)).toBe(true);
    expect(isBlackedOut(at("2027-01-04T00:00:00"), holidays)).toBe(false);
    expect(firstAllowed(at("2026-12-24T10:30:00"), holidays)).toEqual(at("2027-01-04T00:00:00"));
  });

  it("is told by the clock of its time zone, summer and winter", () => {
    const nights = windows(["Sun 22:00-Mon 06:00"], "Europe/Zurich");
    expect(isBlackedOut(at("2026-01-11T21:30:00"), nights)).toBe(true);
    expect(isBlackedOut(at("2026-07-12T20:30:00"), nights)).toBe(true);
    expect(isBlackedOut(at("2026-01-11T20:30:00"), nights)).toBe(false);
  });

  it("is refused when it is none", () => {
    for (const text of [
      "",
      "Fri-Mon",
      "Fri 24:00-Mon 06:00",
      "02-30..03-01",
      "Xyz 10:00-Mon 06:00",
      "Mon 06:00-Mon 06:00",
    ]) {
      expect(parseBlackout(text), text).toBeUndefined();
    }
    expect(() => fakeStack([{ name: "a", consumers: ["b"] }], 'rotation: { blackout: ["at night"] }')).toThrow();
    expect(() => fakeStack([{ name: "a", consumers: ["b"] }], "rotation: { timezone: Mars/Olympus }")).toThrow();
  });

  it("that leaves nothing is seen, and asked for no longer than a moment", () => {
    const all = windows(["Mon 00:00-Sun 23:59", "Sun 23:00-Mon 01:00"]);
    expect(firstAllowed(at("2026-01-01T00:00:00"), all)).toBeUndefined();
  });

  it("is over at the first moment that is allowed, to the minute", () => {
    const some = windows(["Fri 18:00-Mon 06:00", "12-20..01-03", "Tue 03:15-Tue 03:47"]);
    fc.assert(
      fc.property(
        fc.date({ min: at("2026-01-01T00:00:00"), max: at("2028-01-01T00:00:00"), noInvalidDate: true }),
        (from) => {
          const found = firstAllowed(from, some);
          if (found === undefined) return false;
          const before = new Date(found.getTime() - 60_000);
          return (
            !isBlackedOut(found, some) &&
            found >= from &&
            (found.getTime() === from.getTime() || isBlackedOut(before, some) || before < from)
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("the calendar", () => {
  const row = (given: Partial<ScheduledSecret> = {}): ScheduledSecret => ({
    secret: "db-password",
    rotator: "postgres-role",
    assisted: false,
    account: null,
    every: "90d",
    expectedMs: 0,
    downtimeMs: null,
    formerUntil: undefined,
    unfinished: false,
    last: at("2026-01-01T00:00:00"),
    due: at("2026-04-01T00:00:00"),
    isDue: false,
    isOverdue: false,
    remark: undefined,
    ...given,
  });
  const now = at("2026-02-01T12:00:00");
  const unfolded = (text: string) => text.replaceAll("\r\n ", "").split("\r\n");

  it("has each due date as an event with a reminder, and the end of a former value", () => {
    const lines = unfolded(calendarOf("shop", [row({ formerUntil: at("2026-02-08T00:00:00") })], now));
    expect(lines.filter((line) => line === "BEGIN:VEVENT" || line === "BEGIN:VALARM")).toHaveLength(4);
    expect(lines).toContain("DTSTART:20260401T000000Z");
    expect(lines).toContain("DTSTART:20260208T000000Z");
    expect(lines).toContain("TRIGGER:-P1D");
    expect(lines.at(-2)).toBe("END:VCALENDAR");
    expect(lines.at(-1)).toBe("");
  });

  it("keeps the UID of a secret from one day to the next, and gives each its own", () => {
    const uids = (text: string) => unfolded(text).filter((line) => line.startsWith("UID:"));
    const first = uids(calendarOf("shop", [row(), row({ secret: "other" })], now));
    expect(uids(calendarOf("shop", [row({ due: at("2026-07-01T00:00:00") })], at("2026-04-02T00:00:00")))).toEqual(
      first.slice(0, 1),
    );
    expect(new Set(first).size).toBe(2);
  });

  it("escapes and folds as RFC 5545 has it, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (name) => {
        const text = calendarOf(name, [row()], now);
        const lines = text.split("\r\n");
        const title = unfolded(text).find((line) => line.startsWith("X-WR-CALNAME:")) ?? "";
        const back = title
          .slice("X-WR-CALNAME:Secrets of ".length)
          .replace(/\\n/g, "\n")
          .replace(/\\([\\;,])/g, "$1");
        const plain = name.replace(/[\0-\x08\x0b-\x0c\x0e-\x1f\x7f]/g, "").replace(/\r\n|\r/g, "\n");
        const exact = name.includes("\\") || back === plain;
        return lines.every((line) => Buffer.byteLength(line) <= 75 && !/[\r\n]/.test(line)) && exact;
      }),
    );
  });
});

describe("the timer", () => {
  it("runs what is due every hour, with words that systemd does not change", () => {
    const [service, timer] = timerUnits({
      stack: "shop",
      folder: "/srv/my stack/100%",
      program: ["/usr/bin/ringwall"],
    });
    expect(service?.content).toContain(
      'ExecStart=/usr/bin/ringwall rotate --due --yes --stack "/srv/my stack/100%%"\n',
    );
    expect(timer?.content).toContain("OnCalendar=hourly\n");
  });
});
