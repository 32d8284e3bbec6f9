import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runBytes } from "../lib/child-bytes.ts";
import { openRepository } from "./repository.ts";
import { Revision } from "./revision.ts";

// covers: G2 P6

let root: string;
const git = { run: runBytes, path: process.env.PATH ?? "" };

function put(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

function gitCommand(...args: readonly string[]): string {
  const environment = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"];
  return execFileSync("git", [...who, ...args], { cwd: root, env: environment, stdio: "pipe" })
    .toString()
    .trim();
}

function commit(): string {
  gitCommand("add", "-A");
  gitCommand("commit", "-q", "-m", "x");
  return gitCommand("rev-parse", "HEAD");
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ringwall-revision-"));
  gitCommand("init", "-q", "-b", "main");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function then(revision: string, folder = "") {
  const read = await Revision.read(root, revision, () => true, git);
  const prefix = folder === "" ? "" : `${folder}/`;
  const view = read.viewOf(openRepository(join(root, folder)), prefix);
  return openRepository(join(root, folder), { view });
}

function textOf(repository: Awaited<ReturnType<typeof then>>, path: string): string {
  const answer = repository.files.read(path);
  return answer.ok ? answer.text : answer.reason;
}

describe("an earlier revision", () => {
  test("has the files of then, and nothing that came since", async () => {
    put("a/compose.yaml", "then\n");
    put("gone.yaml", "gone\n");
    put("é ü.yaml", "letters\n");
    commit();
    put("a/compose.yaml", "now\n");
    put("new.yaml", "new\n");
    rmSync(join(root, "gone.yaml"));
    const repository = await then("HEAD");
    expect(repository.paths).toEqual(["gone.yaml", "é ü.yaml", "a/compose.yaml"]);
    expect(["a/compose.yaml", "gone.yaml", "é ü.yaml", "new.yaml"].map((path) => textOf(repository, path))).toEqual([
      "then\n",
      "gone\n",
      "letters\n",
      "missing",
    ]);
    expect(repository.files.exists("new.yaml")).toBe(false);
    expect(repository.files.isFolder("a")).toBe(true);
    expect(repository.files.list("a")).toEqual(["compose.yaml"]);
  });

  test("is seen from a folder within it, by branch, tag and parent", async () => {
    put("stacks/app/compose.yaml", "one\n");
    commit();
    gitCommand("tag", "v1");
    put("stacks/app/compose.yaml", "two\n");
    commit();
    for (const name of ["v1", "HEAD~1", "main~1", gitCommand("rev-parse", "HEAD~1").slice(0, 10)]) {
      const repository = await then(name, "stacks");
      expect(repository.paths, name).toEqual(["app/compose.yaml"]);
      expect(textOf(repository, "app/compose.yaml"), name).toBe("one\n");
    }
  });

  test("keeps what Git ignores as it is now, and knows what Git ignored then", async () => {
    put(".gitignore", ".env\nnotes.txt\n");
    put("compose.yaml", "x\n");
    commit();
    put(".env", "A=1\n");
    put("notes.txt", "n\n");
    writeFileSync(join(root, ".gitignore"), ".env\n");
    const repository = await then("HEAD");
    expect(textOf(repository, ".env")).toBe("A=1\n");
    expect(textOf(repository, "notes.txt")).toBe("missing");
    expect(repository.gitStateOf("notes.txt")).toEqual({ ignored: true, tracked: false });
    expect(repository.gitStateOf("compose.yaml")).toEqual({ ignored: false, tracked: true });
  });

  test("follows no link, looks into no folder of other people's code, and leaves submodules as they are", async () => {
    put("node_modules/x/compose.yaml", "x\n");
    put("real.yaml", "real\n");
    symlinkSync("real.yaml", join(root, "compose.yaml"));
    const other = mkdtempSync(join(tmpdir(), "ringwall-submodule-"));
    execFileSync("git", ["init", "-q", other]);
    writeFileSync(join(other, "sub.yaml"), "sub\n");
    execFileSync("git", ["-C", other, "add", "-A"]);
    execFileSync("git", ["-C", other, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"]);
    gitCommand("submodule", "add", "-q", other, "module");
    commit();
    const repository = await then("HEAD");
    expect(repository.paths).toEqual([".gitmodules", "real.yaml", "module/.git", "module/sub.yaml"]);
    expect(textOf(repository, "compose.yaml")).toBe("link");
    expect(textOf(repository, "module/sub.yaml")).toBe("sub\n");
    rmSync(other, { recursive: true });
  });

  test("is empty for HEAD before the first commit", async () => {
    put("a.yaml", "x\n");
    expect((await then("HEAD")).paths).toEqual([]);
    await expect(then("main")).rejects.toMatchObject({ code: "not-found" });
  });

  test.each(["--upload-pack=x", "a b", "", "-h", "x\u001b"])("is not asked for by the name %j", async (name) => {
    put("a.yaml", "x\n");
    commit();
    await expect(then(name)).rejects.toMatchObject({ code: "usage" });
  });

  test("that is not in this clone is said, with what to do", async () => {
    put("a.yaml", "x\n");
    commit();
    await expect(then("0123456789012345678901234567890123456789")).rejects.toMatchObject({
      code: "not-found",
      hint: expect.stringContaining("git fetch --depth=1 origin 0123456789"),
    });
    await expect(then("HEAD:a.yaml")).rejects.toMatchObject({ code: "not-found" });
    await expect(then("HEAD~1")).rejects.toMatchObject({ hint: expect.stringContaining("git fetch --unshallow") });
    await expect(then("origin/main")).rejects.toMatchObject({
      hint: expect.stringMatching(/`git fetch --depth=1 origin main`, and name `FETCH_HEAD`/),
    });
  });
});

test("Nothing that the repository's own configuration names is run, and nothing is fetched", async () => {
  put("a.yaml", "x\n");
  commit();
  const proof = join(root, "ran");
  const script = join(root, "evil.sh");
  writeFileSync(script, `#!/bin/sh\ntouch ${proof}\n`);
  chmodSync(script, 0o755);
  mkdirSync(join(root, "hooks"));
  for (const hook of ["post-index-change", "post-checkout", "reference-transaction"]) {
    writeFileSync(join(root, "hooks", hook), `#!/bin/sh\ntouch ${proof}\n`);
    chmodSync(join(root, "hooks", hook), 0o755);
  }
  const settings = {
    "core.fsmonitor": script,
    "core.pager": script,
    "core.editor": script,
    "core.sshCommand": script,
    "core.hooksPath": join(root, "hooks"),
    "core.alternateRefsCommand": script,
    "core.askPass": script,
    "diff.external": script,
    "credential.helper": `!${script}`,
    "filter.evil.smudge": script,
    "filter.evil.clean": script,
    "filter.evil.process": script,
    "alias.cat-file": `!${script}`,
    "alias.ls-tree": `!${script}`,
    "extensions.partialClone": "evil",
    "remote.evil.promisor": "true",
    "remote.evil.url": root,
    "remote.evil.uploadpack": script,
    "core.repositoryFormatVersion": "1",
  };
  for (const [name, value] of Object.entries(settings)) gitCommand("config", name, value);
  put(".gitattributes", "* filter=evil diff=evil\n");
  expect(textOf(await then("HEAD"), "a.yaml")).toBe("x\n");
  const object = gitCommand("-c", "core.fsmonitor=false", "rev-parse", "HEAD:a.yaml");
  rmSync(proof, { force: true });
  rmSync(join(root, ".git/objects", object.slice(0, 2), object.slice(2)));
  await expect(then("HEAD")).rejects.toMatchObject({ code: "unreadable" });
  expect(existsSync(proof)).toBe(false);
  // Asked plainly, Git does run what is named there: the trap is one.
  expect(() => gitCommand("-c", "core.fsmonitor=false", "cat-file", "-p", object)).toThrow();
  expect(existsSync(proof)).toBe(true);
});
