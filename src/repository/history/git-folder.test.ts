import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { gitFolder } from "./git-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-git-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, ".git/objects"), { recursive: true });

function read(config: string) {
  writeFileSync(join(folder, ".git/config"), config);
  return gitFolder(folder);
}

test.each([
  ["[core]\n\tbare = false\n", true],
  ["[extensions]\n\trefstorage = files\n", true],
  ['[extensions]\nrefStorage="files"\n', true],
  ["[extensions]\n\trefstorage = reftable\n", false],
  ["[extensions]\n\trefstorage=reftable\n", false],
])("The references of a repository are read in Git's first form alone: %j", (config, isRead) => {
  expect("tips" in read(config)).toBe(isRead);
});

test("Git's configuration tells how long the names of objects are, in time that grows with it", () => {
  expect(read("[extensions]\n\tobjectformat = sha256\n")).toMatchObject({ sha256: true });
  expect(read("[core]\n")).toMatchObject({ sha256: false });
  const started = threadMs();
  read("\n".repeat(100_000));
  expect(threadMs() - started).toBeLessThan(500);
});
