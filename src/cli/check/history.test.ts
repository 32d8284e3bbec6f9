import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: S1 | files | real: git

const hasGit = spawnSync("git", ["--version"]).status === 0;
const path = process.env.PATH ?? "";

async function check(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = { PATH: path }) {
  const context = memoryContext({ cwd, env });
  const code = await runCli(["check", ...args, "--format", "json"], context);
  const text = context.stdout.text();
  return { code, text, findings: text === "" ? [] : JSON.parse(text).findings, said: context.stderr.text() };
}

describe.skipIf(!hasGit)("check --history", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-cli-history-"));
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
        stdio: "ignore",
        env: { PATH: path, HOME: folder, GIT_CONFIG_GLOBAL: devNull },
      });
    git("init", "-q");
    mkdirSync(join(folder, "app"));
    writeFileSync(join(folder, "app/settings.yaml"), "db_password: kq83nf92hdX\n");
    git("add", "-A");
    git("commit", "-q", "-m", "one");
    writeFileSync(join(folder, "app/settings.yaml"), "db_password: ${DB_PASSWORD}\n");
    git("commit", "-q", "-a", "-m", "two");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("tells what was taken out of the files and stands in the history, and no part of it", async () => {
    const { code, findings, text } = await check(folder, ["--history"]);
    expect(code).toBe(1);
    expect(findings).toMatchObject([
      { control: "secrets.history-free", severity: "high", verdict: "fail", file: null },
    ]);
    expect(findings[0].message).toMatch(
      /^the value of db_password came into app\/settings\.yaml \(line 1\) with the commit [0-9a-f]{10} of \d{4}-\d\d-\d\d; it is gone/,
    );
    expect(text).not.toContain("kq83nf92hd");
  });

  test("counts what is too large to be searched, in the text and in JSON", async () => {
    const other = mkdtempSync(join(tmpdir(), "ringwall-large-history-"));
    try {
      const git = (...args: readonly string[]) =>
        execFileSync("git", ["-C", other, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
          stdio: "ignore",
          env: { PATH: path, HOME: other, GIT_CONFIG_GLOBAL: devNull },
        });
      git("init", "-q");
      for (const filler of ["a", "b"]) {
        writeFileSync(join(other, "dump.sql"), `db_password: kq83nf92hdX\n${`${filler}\n`.repeat(600_000)}`);
        writeFileSync(join(other, "photo.png"), Buffer.alloc(2_000_000, filler));
        git("add", "-A");
        git("commit", "-q", "-m", filler);
      }
      writeFileSync(join(other, "compose.yaml"), "services: {}\n");
      const sentence = /^Of the history of \S+ not searched: 2 versions over 1 MiB \(dump\.sql\)\.$/;
      const { text } = await check(other, ["--history"]);
      expect(JSON.parse(text).unchecked).toEqual([expect.stringMatching(sentence)]);
      const context = memoryContext({ cwd: other, env: { PATH: path } });
      await runCli(["check", "--history"], context);
      expect(context.stdout.text()).toMatch(/not searched: 2 versions over 1 MiB \(dump\.sql\)/);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  test("says of a shallow clone from where on it is searched, and of a worktree where its history is", async () => {
    const other = mkdtempSync(join(tmpdir(), "ringwall-shallow-history-"));
    try {
      const git = (...args: readonly string[]) =>
        execFileSync("git", ["-C", other, ...args], {
          encoding: "utf8",
          env: { PATH: path, HOME: other, GIT_CONFIG_GLOBAL: devNull },
          stdio: "pipe",
        });
      git("clone", "-q", "--depth=1", `file://${folder}`, "clone");
      git("clone", "-q", folder, "whole");
      git("-C", "whole", "worktree", "add", "-q", "../tree");
      const shallow = JSON.parse((await check(join(other, "clone"), ["--history"])).text);
      const head = git("-C", "clone", "rev-parse", "HEAD").slice(0, 10);
      expect(shallow.unchecked).toEqual([
        `Of the history of clone not searched: what is older than ${head}, for the clone is shallow; \`git fetch --unshallow\` brings it.`,
      ]);
      const whole = JSON.parse((await check(join(other, "whole"), ["--history"])).text);
      expect(whole.unchecked).toEqual([]);
      const { findings } = await check(join(other, "tree"), ["--history"]);
      expect(findings).toMatchObject([
        { control: "input", remedy: expect.stringContaining("`git worktree list` names first") },
      ]);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  test("is not done unless it is asked for", async () => {
    const { findings, code } = await check(folder, ["."]);
    expect([findings, code]).toEqual([[], 2]);
  });

  test("says so when it cannot be done, and ends with 1", async () => {
    const without = await check(folder, ["--history"], { PATH: join(folder, "nowhere") });
    expect(without.code).toBe(1);
    expect(without.findings).toMatchObject([{ control: "input" }]);
    expect(without.findings[0].message).toContain("The program `git` cannot be started");
    const outside = mkdtempSync(join(tmpdir(), "ringwall-no-git-"));
    try {
      writeFileSync(join(outside, "compose.yaml"), "services: {}\n");
      expect(
        (await check(outside, ["--history"])).findings.map((finding: { message: string }) => finding.message),
      ).toContain(". lies in no Git repository, so that it has no history to search.");
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });
});
