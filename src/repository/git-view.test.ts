import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { readGitIndex } from "./git-index.ts";
import { GitView } from "./git-view.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-git-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function git(folder: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH ?? "", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", args, { cwd: folder, encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
}

function hasGit(): boolean {
  try {
    execFileSync("git", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

// covers: S1 | files
test("Git's own configuration is read in no more time than it is long, whatever blank lines it has", () => {
  const config = `${"\n".repeat(100_000)}[core]\n  worktree = "../"\n`;
  const folder = folderWith({ ".git": "gitdir: kept\n", "kept/config": config, "kept/index": "" });
  const started = threadMs();
  const view = new GitView(folder);
  expect(view.whyUnknown).toBeUndefined();
  expect(view.tracked).toHaveProperty("why");
  expect(threadMs() - started).toBeLessThan(1_000);
});

describe("What Git ignores", () => {
  test("A deeper .gitignore has the last word.", () => {
    const view = new GitView(folderWith({ ".gitignore": "*.env\n", "keep/.gitignore": "!sample.env\n" }));
    expect(view.ignores("prod.env")).toBe(true);
    expect(view.ignores("keep/sample.env")).toBe(false);
    expect(view.ignores("keep/other.env")).toBe(true);
  });

  test("Nothing below an ignored folder can be taken back.", () => {
    const view = new GitView(folderWith({ ".gitignore": "secrets/\n!secrets/public.txt\n" }));
    expect(view.ignores("secrets/public.txt")).toBe(true);
  });

  test("The repository's own exclude file counts, after every .gitignore.", () => {
    const view = new GitView(folderWith({ ".git/info/exclude": "*.key\n", ".gitignore": "!public.key\n" }));
    expect(view.ignores("my.key")).toBe(true);
    expect(view.ignores("public.key")).toBe(false);
  });

  test("A .gitignore that is a link is not followed.", () => {
    const folder = folderWith({ "rules.txt": "*.env\n" });
    symlinkSync(join(folder, "rules.txt"), join(folder, ".gitignore"));
    expect(new GitView(folder).ignores("a.env")).toBe(false);
  });
});

describe.skipIf(!hasGit())("What Git tracks (needs the git program to make an index)", () => {
  test.each([
    ["2", []],
    ["4", []],
    ["2 with SHA-256", ["--object-format=sha256"]],
  ])("is read from an index of version %s.", (version, initOptions) => {
    const files = { "compose.yaml": "a", ".env": "b", "deep/er/ünï.txt": "c", "deep/er/file": "d", "left-out": "e" };
    const folder = folderWith(files);
    git(folder, "init", "-q", ...initOptions);
    git(folder, "config", "index.version", version.slice(0, 1));
    git(folder, "add", "compose.yaml", ".env", "deep");
    const { tracked } = new GitView(folder) as { tracked: { paths: ReadonlySet<string> } };
    expect([...tracked.paths].sort()).toEqual([".env", "compose.yaml", "deep/er/file", "deep/er/ünï.txt"]);
  });

  test("A file that was added with intent only is in the index, in its extended form.", () => {
    const folder = folderWith({ a: "1", b: "2" });
    git(folder, "init", "-q");
    git(folder, "add", "-N", "a");
    git(folder, "add", "b");
    const { tracked } = new GitView(folder) as { tracked: { paths: ReadonlySet<string> } };
    expect([...tracked.paths].sort()).toEqual(["a", "b"]);
  });

  test("cannot be told from a split index.", () => {
    const folder = folderWith({ a: "1" });
    git(folder, "init", "-q");
    git(folder, "add", "a");
    git(folder, "update-index", "--split-index");
    expect(new GitView(folder).tracked).toEqual({ why: "Git's index is split over several files" });
  });

  test("is nothing in a repository without an index.", () => {
    const folder = folderWith({ a: "1" });
    git(folder, "init", "-q");
    expect(new GitView(folder).tracked).toEqual({ paths: new Set() });
  });
});

describe("A damaged index", () => {
  test.each([
    ["empty", Buffer.alloc(0)],
    ["of another kind", Buffer.from(`PACK${"\0".repeat(100)}`)],
    ["cut off", Buffer.concat([Buffer.from("DIRC\0\0\0\x02\0\0\0\x09"), Buffer.alloc(80)])],
    [
      "with a huge count",
      Buffer.concat([Buffer.from("DIRC\0\0\0\x04\xff\xff\xff\xff", "latin1"), Buffer.alloc(4_000)]),
    ],
    ["of an unknown version", Buffer.concat([Buffer.from("DIRC\0\0\0\x09\0\0\0\x01"), Buffer.alloc(80)])],
  ])("(%s) is said to be unreadable and never taken for empty.", (_, bytes) => {
    expect(readGitIndex(bytes, 20)).toHaveProperty("why");
  });
});
