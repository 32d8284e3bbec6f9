import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { walk } from "./walk.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-walk-"));
  folders.push(folder);
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "x");
  }
  return folder;
}

test("Files come sorted, each folder's own before those below it.", () => {
  const root = folderWith(["b.txt", "a/z.txt", "a.txt", "a/y/x.txt"]);
  expect(walk(root).files).toEqual(["a.txt", "b.txt", "a/z.txt", "a/y/x.txt"]);
});

test("Git's own files, dependencies and vendored folders are passed over, and Git roots are named.", () => {
  const root = folderWith([
    ".git/config",
    "node_modules/p/compose.yaml",
    "vendor/x.yaml",
    "sub/.git",
    "sub/a",
    "own.yaml",
  ]);
  const found = walk(root);
  expect(found.unlisted).toEqual([".git", "node_modules", "vendor"]);
  expect(found.files.filter((path) => !path.endsWith(".git"))).toEqual(["own.yaml", "sub/a"]);
  expect([...found.gitRoots]).toEqual([
    ["", "folder"],
    ["sub", "file"],
  ]);
});

test("Links are not followed, so that a circle ends and nothing outside is listed.", () => {
  const root = folderWith(["a/file"]);
  symlinkSync(root, join(root, "a", "circle"));
  symlinkSync("/etc", join(root, "outside"));
  symlinkSync("/etc/passwd", join(root, "passwd"));
  const found = walk(root);
  expect(found.files).toEqual(["a/file"]);
  expect(found.others).toEqual(["outside", "passwd", "a/circle"]);
});

test("Too many files and too deep folders are said, and what was found stays.", () => {
  const root = folderWith(["a", "b", "c", "d/e/f/g"]);
  const few = walk(root, { files: 2 });
  expect(few.files).toEqual(["a", "b"]);
  expect(few.problems).toMatchObject([{ message: "There are more than 2 files; those after b are not read." }]);
  const shallow = walk(root, { depth: 2 });
  expect(shallow.files).toEqual(["a", "b", "c"]);
  expect(shallow.unlisted).toEqual(["d/e/f"]);
  expect(shallow.problems[0]?.message).toContain("d/e/f lies more than 2 folders deep");
});

test("What has a name of other bytes than UTF-8 is said where it may be configuration, and is no file that is read.", () => {
  const root = folderWith(["\ufffd.yaml"]);
  const bytes = (name: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);
  for (const name of ["caf\xe9.yaml", "caf\xe9.jpg", "Dockerfile.\xff"]) writeFileSync(bytes(name), "x");
  mkdirSync(bytes("caf\xe9"));
  const found = walk(root);
  expect(found.files).toEqual(["\ufffd.yaml"]);
  expect(found.unlisted).toEqual(["caf\ufffd"]);
  expect(found.problems.map(({ message }) => message)).toEqual([
    "Dockerfile.\ufffd is not read: its name is not valid UTF-8.",
    "caf\ufffd is not read: its name is not valid UTF-8.",
    "caf\ufffd.yaml is not read: its name is not valid UTF-8.",
  ]);
});

test.skipIf(process.getuid?.() === 0)(
  "A folder that may not be listed is a problem and not the end (not as root).",
  () => {
    const root = folderWith(["closed/x", "open/y"]);
    chmodSync(join(root, "closed"), 0);
    const found = walk(root);
    chmodSync(join(root, "closed"), 0o700);
    expect(found.files).toEqual(["open/y"]);
    expect(found.problems[0]?.message).toBe("The folder closed cannot be listed: this user has no permission.");
  },
);
