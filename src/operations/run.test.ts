import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OperationEvent, Step } from "../contracts/operation.ts";
import { RingwallError } from "../lib/error.ts";
import { Journal, readJournal } from "../state/journal.ts";
import { runOperation } from "./run.ts";

describe("runOperation", () => {
  let folder: string;
  let journal: Journal;
  let events: OperationEvent[];
  let done: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringwall-run-"));
    journal = await Journal.begin(folder, { id: "up-1", operation: "up", stack: "s", steps: [] }, () => new Date(0));
    events = [];
    done = [];
  });
  afterEach(async () => {
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  });

  const step = (id: string, given: Partial<Step> = {}): Step => ({
    id,
    title: id,
    run: () => Promise.resolve(void done.push(id)),
    ...given,
  });
  const run = (steps: Step[], given: Partial<Parameters<typeof runOperation>[1]> = {}) =>
    runOperation(
      { name: "up", stack: "s", steps },
      { journal, tell: (event) => events.push(event), clock: () => 0, ...given },
    );
  const written = async () =>
    (await readJournal(journal.path)).map((record) =>
      "step" in record ? `${record.kind} ${record.step}` : record.kind,
    );

  it("journals each step before it runs and after it has ended", async () => {
    let before: string[] = [];
    const looks = async () => {
      before = await written();
    };
    await run([step("a", { run: looks }), step("b")]);
    expect(before).toEqual(["begun", "step-started a"]);
    expect(await written()).toEqual([
      "begun",
      "step-started a",
      "step-done a",
      "step-started b",
      "step-done b",
      "ended",
    ]);
  });

  it("takes back what can be taken back when a step fails, the latest first, and throws the failure", async () => {
    const undo = (id: string) => ({ undo: () => Promise.resolve(void done.push(`undo ${id}`)) });
    const failing = step("c", { run: () => Promise.reject(new RingwallError("disk", "It is full.")), ...undo("c") });
    await expect(run([step("a", undo("a")), step("b"), failing, step("d")])).rejects.toMatchObject({ code: "disk" });
    expect(done).toEqual(["a", "b", "undo c", "undo a"]);
    expect(await written()).toContain("step-failed c");
    expect((await written()).at(-1)).toBe("ended");
  });

  it("writes nothing of a foreign error into the journal, since it may hold anything", async () => {
    await expect(run([step("a", { run: () => Promise.reject(new Error("hunter2")) })])).rejects.toThrow("hunter2");
    expect(JSON.stringify([await readJournal(journal.path), events])).not.toContain("hunter2");
  });

  it("goes on taking back when one of it fails", async () => {
    const steps = [
      step("a", { undo: () => Promise.resolve(void done.push("undo a")) }),
      step("b", { undo: () => Promise.reject(new RingwallError("disk", "No.")) }),
      step("c", { run: () => Promise.reject(new RingwallError("disk", "Full.")) }),
    ];
    await expect(run(steps)).rejects.toThrow("Full.");
    expect(done).toContain("undo a");
  });

  it("skips what an interrupted run has completed, and stops between steps when told to", async () => {
    await run([step("a"), step("b")], { done: new Set(["a"]) });
    expect(done).toEqual(["b"]);
    await journal.close();
    journal = await Journal.begin(folder, { id: "up-2", operation: "up", stack: "s", steps: [] }, () => new Date(0));
    await expect(run([step("c")], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
    expect(done).toEqual(["b"]);
  });
});
