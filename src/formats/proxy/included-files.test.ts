import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfinedFiles } from "../../repository/files.ts";
import { walk } from "../../repository/walk.ts";
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
  const files = new ConfinedFiles(folder);
  files.walked(walk(folder));
  const answer = includedFiles(pattern, "", {
    files,
    paths: seen,
    locate: (path) => (path.startsWith("/") ? undefined : path),
  });
  if ("why" in answer) return answer.why;
  const missing = /^`(.*)` is a link/.exec(answer.missing ?? "")?.[1];
  return [...answer.files.map(({ file }) => file.path), ...(missing === undefined ? [] : [`without ${missing}`])];
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

  test("takes what a link in this folder stands for, read under its own path.", () => {
    mkdirSync(join(folder, "enabled"));
    const link = (name: string, to: string) => symlinkSync(to, join(folder, "enabled", name));
    link("a.conf", "../available/a.conf");
    const all = ["main", "available/a.conf", "enabled/b.conf"];
    expect(included(all, all, "enabled/*.conf")).toEqual(["available/a.conf", "enabled/b.conf"]);
    expect(included(all, all, "enabled/a.conf")).toEqual(["available/a.conf"]);
    for (const [at, to] of [
      "../../outside",
      "/etc/hostname",
      "gone.conf",
      "../available",
      "a.conf",
      "c.conf",
    ].entries()) {
      link(`${at}.conf`, to);
      expect(included(all, all, `enabled/${at}.conf`)).toBe(`\`enabled/${at}.conf\` is not in this folder`);
      expect(included(all, all, "enabled/*.conf")).toEqual([
        "available/a.conf",
        "enabled/b.conf",
        "without enabled/0.conf",
      ]);
    }
  });

  test("is not known where the program has its files elsewhere.", () => {
    expect(included(["main"], ["main"], "/etc/sites/*.conf")).toBe("`/etc/sites/*.conf` is not in this folder");
  });
});
