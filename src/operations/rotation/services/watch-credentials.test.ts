import { describe, expect, it } from "vitest";
import type { CredentialCheck } from "../../../contracts/rotator.ts";
import { watchCredentials } from "./watch-credentials.ts";

// covers: R8 R9 | any

/** A clock that goes forward only when somebody sleeps or a check takes its time. */
function simulated() {
  let now = 0;
  const waiting: { at: number; resume: () => void }[] = [];
  return {
    clock: () => now,
    sleep: (milliseconds: number) =>
      new Promise<void>((resume) => void waiting.push({ at: now + milliseconds, resume })),
    async until(time: number) {
      for (;;) {
        // Whoever was woken goes on until it sleeps again.
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        waiting.sort((a, b) => a.at - b.at);
        const next = waiting[0];
        if (next === undefined || next.at > time) break;
        waiting.shift();
        now = next.at;
        next.resume();
      }
      now = time;
    },
    async end<T>(promise: Promise<T>): Promise<T> {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      for (const { resume } of waiting.splice(0)) resume();
      return promise;
    },
  };
}

const answer = (outcome: CredentialCheck["outcome"]) => Promise.resolve({ outcome, detail: "" });

describe("watching credentials", () => {
  it("sums the time between a try that failed and the next that did not, and tells the longest of several", async () => {
    const time = simulated();
    const outage = (from: number, to: number) => () =>
      answer(time.clock() >= from && time.clock() < to ? "refused" : "accepted");
    const watch = watchCredentials([outage(1_000, 1_500), outage(2_000, 3_000), outage(9_000, 9_000)], time);
    await time.until(5_000);
    const seen = await time.end(watch.stop());
    expect(seen.milliseconds).toBe(1_000);
    expect(seen.failures).toBe(3 + 5);
    expect(seen.tries).toBe(3 * 26);
  });

  it("adds up several failures of one, counts a check that throws, and one that lasts to the end", async () => {
    const time = simulated();
    const check = () => {
      const now = time.clock();
      if (now >= 400 && now < 800) return Promise.reject(new Error("gone"));
      return answer(now >= 2_000 ? "unreachable" : "accepted");
    };
    const watch = watchCredentials([check], time);
    await time.until(2_600);
    expect((await time.end(watch.stop())).milliseconds).toBe(400 + 600);
  });

  it("sees nothing where nothing failed, or where there is nobody to watch", async () => {
    const time = simulated();
    const watch = watchCredentials([() => answer("accepted")], time);
    await time.until(1_000);
    expect(await time.end(watch.stop())).toMatchObject({ milliseconds: 0, failures: 0 });
    expect(await watchCredentials([], time).stop()).toEqual({ milliseconds: 0, tries: 0, failures: 0 });
  });
});
