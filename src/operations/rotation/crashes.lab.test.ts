import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { rotate } from "./rotate.ts";
import { allTexts, valuesIn, wrongAtEnd, wrongMidway } from "./testing/crash-checks.ts";
import { FakeHost, type FakeProcess } from "./testing/fake-process.ts";
import type { FakeMode } from "./testing/fake-rotation.ts";
import { fakeStack } from "./testing/fake-stack.ts";
import { fastFolder } from "./testing/fast-folder.ts";

const root = await fastFolder("crashes");
const hosts: FakeHost[] = [];
let count = 0;
afterEach(async () => {
  for (const host of hosts.splice(0)) host.thaw();
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function hostOf(mode: FakeMode): FakeHost {
  const stack = fakeStack([
    { name: "db-password", consumers: ["api", "worker"] },
    { name: "mail-password", consumers: ["api"] },
  ]);
  const host = new FakeHost(join(root, String(count++)), stack, mode);
  hosts.push(host);
  return host;
}

const go = (process: FakeProcess, resumeOnly: boolean) =>
  rotate(process.engine, { names: [], all: true }, { confirm: async () => true, resumeOnly });

/** Runs until the process ends or dies; whether it died. */
async function runOrDie(process: FakeProcess, resumeOnly: boolean): Promise<boolean> {
  const ended = go(process, resumeOnly).then(() => "ended" as const);
  return (await Promise.race([ended, process.died])) === "died";
}

async function pointsOf(mode: FakeMode): Promise<number> {
  const process = hostOf(mode).process();
  await runOrDie(process, false);
  return process.points;
}

/** Values that were in use at any time, kept by whoever looks on. */
function seenIn(host: FakeHost, seen: Set<string>): void {
  for (const value of host.store.values.values()) seen.add(value);
}

describe.each(["pair", "single"] as const)("a rotation with accounts of the kind %s", (mode) => {
  // covers: R12 | compose
  it("has one credential that works wherever its process dies, and is brought to its end by the next", async () => {
    const points = await pointsOf(mode);
    expect(points).toBeGreaterThan(100);
    for (let dies = 1; dies <= points; dies++) {
      const host = hostOf(mode);
      const before = new Map(host.store.values);
      const seen = new Set<string>();
      expect(await runOrDie(host.process({ dies }), false), `point ${dies}`).toBe(true);
      expect(wrongMidway(host), `after point ${dies}`).toEqual([]);
      seenIn(host, seen);
      expect(await runOrDie(host.process(), true)).toBe(false);
      expect(await wrongAtEnd(host, before), `resumed after point ${dies}`).toEqual([]);
      seenIn(host, seen);
      expect(valuesIn(await allTexts(host), seen), `told after point ${dies}`).toEqual([]);
    }
  });

  it("is brought to its end when the process that resumes it dies as well, again and again", async () => {
    const points = await pointsOf(mode);
    for (let first = 3; first <= points; first += 23) {
      const host = hostOf(mode);
      const before = new Map(host.store.values);
      let died = await runOrDie(host.process({ dies: first }), false);
      for (let dies = 2; died; dies += 2) {
        expect(wrongMidway(host), `point ${first}, then ${dies}`).toEqual([]);
        died = await runOrDie(host.process({ dies }), true);
      }
      expect(await wrongAtEnd(host, before), `point ${first}`).toEqual([]);
    }
  });

  it("is taken back whole when a service fails before the end, wherever the process dies meanwhile", async () => {
    const broken = async (dies: number | undefined) => {
      const host = hostOf(mode);
      const before = new Map(host.store.values);
      // The second service never takes the new value: telling it fails, and later works again for the way back.
      host.world.faults.set("tell", [undefined, "after"]);
      const process = host.process(dies === undefined ? {} : { dies });
      const died = await runOrDie(process, false);
      expect(wrongMidway(host), `point ${dies}`).toEqual([]);
      if (died) {
        host.world.faults.clear();
        expect(await runOrDie(host.process(), true)).toBe(false);
      }
      expect(await wrongAtEnd(host, before), `point ${dies}`).toEqual([]);
      return process.points;
    };
    const points = await broken(undefined);
    for (let dies = 1; dies <= points; dies++) await broken(dies);
  });
});
