import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { machineProcesses, OperationLock, type ProcessTable } from "./operation-lock.ts";

describe("OperationLock", () => {
  let folder: string;
  let path: string;
  const now = new Date("2026-01-02T03:04:05Z");
  /** A machine with these processes, of which `self` asks. */
  const machine = (self: number, running: Record<number, string | null>): ProcessTable => ({
    self,
    started: (pid) => Promise.resolve(running[pid]),
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringwall-lock-"));
    path = join(folder, "lock");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is held by one at a time, who is named to the other", async () => {
    const running = { 10: "100", 11: "101" };
    const lock = await OperationLock.take(path, "up", machine(10, running), now);
    await expect(OperationLock.take(path, "down", machine(11, running), now)).rejects.toMatchObject({
      code: "conflict",
      message: "Another operation runs on this stack: `up`, process 10, since 2026-01-02T03:04:05.000Z.",
    });
    await lock.release();
    await (await OperationLock.take(path, "down", machine(11, running), now)).release();
    expect(await readdir(folder)).toEqual(["lock.guard"]);
  });

  it("is taken over from a process that is gone, and from one whose number another process has now", async () => {
    await OperationLock.take(path, "up", machine(10, { 10: "100" }), now);
    const after = await OperationLock.take(path, "up", machine(11, { 11: "101" }), now);
    await after.assertHeld();
    const again = await OperationLock.take(path, "up", machine(12, { 11: "999", 12: "102" }), now);
    await expect(after.assertHeld()).rejects.toMatchObject({ code: "conflict" });
    await again.assertHeld();
    await after.release();
    expect(existsSync(path)).toBe(true);
  });

  it("is not taken from a running process where start times are not known", async () => {
    await OperationLock.take(path, "up", machine(10, { 10: null }), now);
    await expect(OperationLock.take(path, "up", machine(11, { 10: null, 11: null }), now)).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("leaves a file alone that is no lock", async () => {
    await writeFile(path, "notes");
    await expect(OperationLock.take(path, "up", machine(10, { 10: "1" }), now)).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await readFile(path, "utf8")).toBe("notes");
  });

  it("goes to exactly one of many who find it abandoned at once", { timeout: 30_000 }, async () => {
    const running = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [100 + index, `${index}`]));
    /** Some are slow to see that nobody holds it: by then another has taken it. */
    const slow = (self: number): ProcessTable => ({
      self,
      started: async (pid) => {
        if (pid === 10) await sleep(self % 7);
        return running[pid];
      },
    });
    for (let round = 0; round < 10; round++) {
      await OperationLock.take(path, "up", machine(10, { 10: "1" }), now);
      const taken = await Promise.allSettled(
        Object.keys(running).map((pid) => OperationLock.take(path, "up", slow(Number(pid)), now)),
      );
      const held = taken.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      expect(held).toHaveLength(1);
      for (const each of taken) if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "conflict" });
      await held[0]?.assertHeld();
      await held[0]?.release();
    }
  });

  it("knows this process, and that no process has the highest number", async () => {
    expect(await machineProcesses.started(process.pid)).toMatch(/^\d+$/);
    expect(await machineProcesses.started(4_194_305)).toBeUndefined();
  });
});
