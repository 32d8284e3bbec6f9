import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: G2 S1 | files | real: git

const hasGit = spawnSync("git", ["--version"]).status === 0;
let folder = "";

function git(within: string, ...args: readonly string[]): void {
  const env = { PATH: process.env.PATH ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"];
  execFileSync("git", [...who, ...args], { cwd: join(folder, within), env, stdio: "pipe" });
}

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function check(within: string, ...argv: readonly string[]) {
  const context = memoryContext({ cwd: join(folder, within), env: { PATH: process.env.PATH ?? "" } });
  await runCli(["check", ...argv, "--format", "json"], context);
  const { findings, heldBack } = JSON.parse(context.stdout.text());
  const told = findings.map(
    ({ control, severity, verdict, message }: Readonly<Record<string, string>>) =>
      `${control} ${severity} ${verdict}: ${message}`,
  );
  return { told, heldBack };
}

describe.skipIf(!hasGit)("A working tree whose .git is a file", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-worktrees-"));
    mkdirSync(join(folder, "main"));
    git("main", "init", "-q", "-b", "main");
    put("main/compose.yaml", "services:\n  web:\n    image: nginx:1.27\n");
    put("main/.gitignore", "*.log\n");
    git("main", "add", "-A");
    git("main", "commit", "-q", "-m", "x");
    git("main", "worktree", "add", "-q", "../tree");
    mkdirSync(join(folder, "super"));
    git("super", "init", "-q", "-b", "main");
    git("super", "submodule", "add", "-q", "../main", "sub");
    // Somebody else's index, named by a repository that is not its own.
    put("liar/compose.yaml", "services:\n  web:\n    image: nginx:1.27\n");
    put("liar/.env", "DB_PASSWORD=kq83nf92hdX\n");
    put("liar/.git", `gitdir: ${join(folder, "main/.git")}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["main", "tree", "super/sub"])(
    "says what Git would take, and that nothing changed since HEAD: %s.",
    async (place) => {
      const { told } = await check(place, ".");
      expect(told.join("\n")).toContain("secrets.ignore-complete low fail");
      const since = await check(place, ".", "--since", "HEAD");
      expect([since.told, since.heldBack.since.gone]).toEqual([[], 0]);
    },
  );

  test.each(["tree", "super/sub"])("knows what is tracked as a clone of its own does: %s.", async (place) => {
    for (const each of ["main", place]) put(`${each}/.env`, "DB_PASSWORD=kq83nf92hdX\n");
    const asClone = await check("main", ".");
    expect(asClone.told.join("\n")).toContain("fail: Git does not ignore .env");
    expect((await check(place, ".")).told).toEqual(asClone.told);
  });

  test("that names a folder which does not point back is not followed there.", async () => {
    const { told } = await check("liar", ".");
    expect(told.join("\n")).toContain("a folder that does not point back");
  });
});

describe.skipIf(!hasGit)("A file that is newer than the revision", () => {
  test("was nothing then: none of its findings is gone.", async () => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-newer-"));
    try {
      put("README.md", "# a\n");
      git(".", "init", "-q", "-b", "main");
      git(".", "add", "-A");
      git(".", "commit", "-q", "-m", "x");
      put("o/compose.yaml", "services:\n  web:\n    image: nginx:1.27\n    privileged: true\n");
      const { told, heldBack } = await check(".", "o/compose.yaml", "--since", "HEAD");
      expect(heldBack.since).toMatchObject({ gone: 0 });
      expect(told.join("\n")).toContain("workload.privileged-off");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
