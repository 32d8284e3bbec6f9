import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfinedFiles } from "../../repository/files.ts";
import { includedFiles } from "./included-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-included-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function included(on: readonly string[], seen: readonly string[], pattern: string) {
  for (const path of on) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "x\n");
  }
  const answer = includedFiles(pattern, "", {
    files: new ConfinedFiles(folder),
    paths: seen,
    locate: (path) => (path.startsWith("/") ? undefined : path),
  });
  return "why" in answer ? answer.why : answer.files.map(({ file }) => file.path);
}

// covers: P6 | files
describe("A pattern of an include", () => {
  test("takes the files that it matches, in the order of their names.", () => {
    const all = ["main", "sites/b.conf", "sites/a.conf", "sites/.c.conf", "sites/d.txt"];
    expect(included(all, all, "sites/*.conf")).toEqual(["sites/a.conf", "sites/b.conf"]);
  });

  test("takes none where all that lies in the folder is seen and does not match.", () => {
    expect(included(["main", "sites/d.txt"], ["main", "sites/d.txt"], "sites/*.conf")).toEqual([]);
  });

  test.each([
    ["nothing beside the file that is named alone is looked at", ["main", "sites/a.conf"], ["main"]],
    ["the folder is not there", ["main"], ["main"]],
  ])("may mean more than is seen where %s.", (_, on, seen) => {
    expect(included(on, seen, "sites/*.conf")).toBe("`sites/*.conf` is not in what is checked");
  });

  test("is not known where the program has its files elsewhere.", () => {
    expect(included(["main"], ["main"], "/etc/sites/*.conf")).toBe("`/etc/sites/*.conf` is not in this folder");
  });
});
