import { expect, test } from "vitest";
import { Profile } from "./profile.ts";

/** A clock that is set by hand. */
function handClock() {
  const clock = { now: 0, read: () => clock.now };
  return clock;
}

test("Time inside an inner phase counts for the inner phase alone, and all phases add up to the whole.", () => {
  const clock = handClock();
  const profile = new Profile(clock.read);
  profile.time("parse", () => {
    clock.now += 5;
    profile.time("read", () => {
      clock.now += 3;
    });
    clock.now += 2;
  });
  expect(profile.phases).toEqual([
    { name: "parse", milliseconds: 7 },
    { name: "read", milliseconds: 3 },
  ]);
});

test("A phase that throws is still counted, and the error comes through.", () => {
  const clock = handClock();
  const profile = new Profile(clock.read);
  expect(() =>
    profile.time("facts", () => {
      clock.now += 4;
      throw new Error("broken");
    }),
  ).toThrow("broken");
  profile.time("facts", () => {
    clock.now += 1;
  });
  expect(profile.phases).toEqual([{ name: "facts", milliseconds: 5 }]);
});

test("What a phase returns is handed through.", () => {
  expect(new Profile(() => 0).time("controls", () => 42)).toBe(42);
});
