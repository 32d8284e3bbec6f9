import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findUnfinished, Journal, operationId, readJournal } from "./journal.ts";

describe("Journal", () => {
  let folder: string;
  let time = 0;
  const now = () => new Date(Date.UTC(2026, 0, 2, 3, 4, 5, time++));
  const begun: Journal[] = [];
  const begin = async (operation: string) => {
    const journal = await Journal.begin(
      folder,
      { id: operationId(operation, now(), new Uint8Array([1, 2, 3])), operation, stack: "shop", steps: ["a", "b"] },
      now,
    );
    begun.push(journal);
    return journal;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringwall-journal-"));
    time = 0;
  });
  afterEach(async () => {
    for (const journal of begun.splice(0)) await journal.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("keeps each record as one line that is there when `append` has ended", async () => {
    const journal = await begin("up");
    await journal.append({ kind: "step-started", step: "a" });
    expect((await readFile(journal.path, "utf8")).split("\n")).toHaveLength(3);
    expect((await readJournal(journal.path)).map(({ kind }) => kind)).toEqual(["begun", "step-started"]);
    await journal.end("done");
  });

  it("names operations so that they sort by time, whatever they are called", () => {
    expect(operationId("up", new Date("2026-11-21T12:45:02.007Z"), new Uint8Array([0x9f, 0x3a, 0x1c]))).toBe(
      "up-20261121T124502007-9f3a1c",
    );
  });

  it("finds an operation that never ended, with its completed steps and the one that ran", async () => {
    const journal = await begin("up");
    for (const step of ["a", "b"]) {
      await journal.append({ kind: "step-started", step });
      if (step === "a") await journal.append({ kind: "step-done", step });
    }
    await journal.append({ kind: "program", step: "b", pid: 7, started: "99" });
    const found = await findUnfinished(folder);
    expect(found).toMatchObject({ done: ["a"], during: "b", programs: [{ pid: 7, started: "99" }] });
    await journal.end("failed");
  });

  it("takes none up that ended, failed or not, or that a later one has followed", async () => {
    expect(await findUnfinished(folder)).toBeUndefined();
    await begin("up");
    const later = await begin("down");
    await later.append({ kind: "step-started", step: "a" });
    await later.end("failed");
    expect(await findUnfinished(folder)).toBeUndefined();
  });

  it("counts a last line without its newline as cut short, though it is a whole record: it is taken off", async () => {
    const journal = await begin("rotate");
    await journal.close();
    await appendFile(journal.path, '{"kind":"step-done","step":"a","at":"2026-01-02T03:04:05.000Z"}');
    expect((await readJournal(journal.path)).map(({ kind }) => kind)).toEqual(["begun"]);
    const again = await Journal.reopen(journal.path, now);
    await again.close();
    expect((await readJournal(journal.path)).map(({ kind }) => kind)).toEqual(["begun", "resumed"]);
  });

  it("reads a journal whose last line a crash cut short", async () => {
    const journal = await begin("up");
    await journal.append({ kind: "step-started", step: "a" });
    await appendFile(journal.path, '{"kind":"step-do');
    expect(await findUnfinished(folder)).toMatchObject({ during: "a", done: [] });
  });

  it("says where a journal is damaged", async () => {
    const path = join(folder, "up-1.jsonl");
    await writeFile(path, 'nonsense\n{"kind":"ended","outcome":"done","at":"x"}\n');
    await expect(readJournal(path)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining(`${path}:1:`),
    });
  });

  it("says so when nothing can be written", async () => {
    const missing = join(folder, "none");
    await expect(
      Journal.begin(missing, { id: "x", operation: "up", stack: "s", steps: [] }, now),
    ).rejects.toMatchObject({ code: "not-found" });
  });
});
