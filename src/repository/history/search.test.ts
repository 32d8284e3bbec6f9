import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RingwallError } from "../../lib/error.ts";
import { streamProgram } from "../../lib/stream-program.ts";
import { gitFolder } from "./git-folder.ts";
import { defaultHistoryLimits, type HistoryRequest, searchHistory } from "./search.ts";

// covers: S1 | files | real: git

const hasGit = spawnSync("git", ["--version"]).status === 0;
const path = process.env.PATH ?? "";
let root = "";

/** Git as a person runs it, of nobody's configuration. */
function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    env: {
      PATH: path,
      HOME: root,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

let date = "2026-01-01T12:00:00Z";

function commit(day: string, files: Readonly<Record<string, string | Buffer | undefined>>): string {
  date = `2026-${day}T12:00:00Z`;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    if (text === undefined) rmSync(join(root, name));
    else writeFileSync(join(root, name), text);
  }
  git("add", "-A");
  git("commit", "-q", "-m", `on ${day}`);
  return git("rev-parse", "HEAD").slice(0, 10);
}

function request(changes: Partial<HistoryRequest> = {}): HistoryRequest {
  const found = gitFolder(root);
  if ("why" in found) throw new Error(found.why);
  return {
    git: found,
    programs: { start: streamProgram, path },
    below: "",
    limits: defaultHistoryLimits,
    clock: () => performance.now(),
    ...changes,
  };
}

const identity = `AGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`;

describe.skipIf(!hasGit)("A history", () => {
  const commits: Record<string, string> = {};

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "ringwall-git-"));
    git("init", "-q", "-b", "main");
    commits.first = commit("01-02", { "README.md": "# a\n", "app/config.yaml": "a: 1\ndb_password: kq83nf92hdX\n" });
    commits.moved = commit("01-03", { "app/config.yaml": "a: 1\n", "app/other.yaml": "db_password: kq83nf92hdX\n" });
    commit("01-04", { "app/other.yaml": "db_password: ${DB_PASSWORD}\n" });
    commits.kept = commit("01-05", { notes: `mine: ${identity}\n` });
    git("checkout", "-q", "-b", "side", "main");
    commits.side = commit("01-06", { "deploy/env.sh": "export API_TOKEN=8aff725d2e16ef31fbc42aa01\n" });
    git("tag", "v1");
    git("checkout", "-q", "main");
    git("branch", "-q", "-D", "side");
    commit("01-07", {
      "logo.png": Buffer.from(`\0${identity}`),
      "docs/a.md": `Never use ${identity}\n`,
      "a.sops.yaml": "password: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n",
    });
    git("gc", "-q");
    commit("01-08", { "b.txt": "nothing\n" });
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("gives each secret once, with the commit that brought it in, and whether it is still there.", async () => {
    const { secrets, incomplete, versions } = await searchHistory(request());
    expect(incomplete).toBeUndefined();
    expect(versions).toBeGreaterThan(5);
    expect(
      secrets
        .map(({ what, commit: by, path: file, line, times, stillThere }) => ({
          what,
          by,
          file,
          line,
          times,
          stillThere,
        }))
        .sort((a, b) => (a.file < b.file ? -1 : 1)),
    ).toEqual([
      {
        what: "the value of db_password",
        by: commits.first,
        file: "app/config.yaml",
        line: 2,
        times: 2,
        stillThere: false,
      },
      { what: "the value of API_TOKEN", by: commits.side, file: "deploy/env.sh", line: 1, times: 1, stillThere: false },
      { what: "an age identity", by: commits.kept, file: "notes", line: 1, times: 2, stillThere: true },
    ]);
    expect(secrets.every(({ date: day }) => day.startsWith("2026-01-"))).toBe(true);
    expect(JSON.stringify(secrets)).not.toMatch(/kq83nf92hd|8aff725d|QPZRY9/);
  });

  test("is searched below one folder alone when that is checked.", async () => {
    const { secrets } = await searchHistory(request({ below: "deploy" }));
    expect(secrets.map(({ path: file }) => file)).toEqual(["deploy/env.sh"]);
  });

  test("that is too large says so, and gives what was found until then.", async () => {
    const few = await searchHistory(request({ limits: { ...defaultHistoryLimits, versions: 2 } }));
    expect(few.incomplete).toBe("there are more than 2 versions of files");
    expect(few.versions).toBeLessThanOrEqual(2);
    const slow = await searchHistory(request({ limits: { ...defaultHistoryLimits, milliseconds: 0 } }));
    expect(slow.incomplete).toBe("it took too long");
    const one = await searchHistory(request({ limits: { ...defaultHistoryLimits, secrets: 1 } }));
    expect([one.secrets.length, one.incomplete]).toEqual([1, "there are more than 1 secrets in it"]);
  });

  test("of a shallow clone is searched as far as it is there.", async () => {
    const clone = mkdtempSync(join(tmpdir(), "ringwall-shallow-"));
    try {
      execFileSync("git", ["clone", "-q", "--depth", "1", `file://${root}`, clone], {
        stdio: "ignore",
        env: { PATH: path, GIT_CONFIG_GLOBAL: devNull },
      });
      const found = gitFolder(clone);
      if ("why" in found) throw new Error(found.why);
      expect(found.shallow).toHaveLength(1);
      const { secrets, incomplete } = await searchHistory(request({ git: found }));
      expect(incomplete).toBeUndefined();
      expect(secrets.map(({ path: file }) => file)).toEqual(["notes"]);
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });

  test("without Git on the machine fails in a sentence.", async () => {
    const failed = searchHistory(request({ programs: { start: streamProgram, path: join(root, "nowhere") } }));
    await expect(failed).rejects.toThrow(RingwallError);
    await expect(failed).rejects.toThrow("The program `git` cannot be started.");
  });

  test("leaves nothing behind in the folder for temporary files.", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("ringwall-history-"));
    await searchHistory(request());
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("ringwall-history-"))).toEqual(before);
  });

  test("that is damaged fails in a sentence.", async () => {
    const found = request().git;
    const failed = searchHistory(request({ git: { ...found, tips: found.tips, objects: join(root, ".git/refs") } }));
    const outcome = await failed.then(
      (value) => value.versions,
      (error: unknown) => error instanceof RingwallError,
    );
    expect([0, true]).toContain(outcome);
  });
});

describe.skipIf(!hasGit)("A repository whose configuration is a trap", () => {
  let marks = "";

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "ringwall-trap-"));
    marks = mkdtempSync(join(tmpdir(), "ringwall-marks-"));
    git("init", "-q", "-b", "main");
    commit("02-01", { ".gitattributes": "* filter=trap diff=trap\n", "a.yaml": "db_password: kq83nf92hdX\n" });
    commit("02-02", { "a.yaml": "db_password: ${X}\n" });
    const script = (name: string) => {
      const file = join(root, `${name}.sh`);
      writeFileSync(file, `#!/bin/sh\n: > "${join(marks, name)}"\ncat 2>/dev/null\nexit 0\n`);
      chmodSync(file, 0o755);
      return file;
    };
    mkdirSync(join(root, "hooks"));
    for (const hook of ["post-checkout", "reference-transaction", "pre-auto-gc", "post-index-change"]) {
      writeFileSync(join(root, "hooks", hook), `#!/bin/sh\n: > "${join(marks, hook)}"\n`, { mode: 0o755 });
    }
    const included = join(root, "more.config");
    writeFileSync(included, `[core]\n\tpager = ${script("included-pager")}\n`);
    for (const [key, value] of [
      ["core.fsmonitor", script("fsmonitor")],
      ["core.hooksPath", join(root, "hooks")],
      ["core.pager", script("pager")],
      ["core.sshCommand", script("ssh")],
      ["core.gitProxy", script("proxy")],
      ["core.alternateRefsCommand", script("alternate")],
      ["core.askPass", script("askpass")],
      ["core.editor", script("editor")],
      ["credential.helper", `!${script("credential")}`],
      ["diff.external", script("diff-external")],
      ["diff.trap.textconv", script("textconv")],
      ["diff.trap.command", script("diff-command")],
      ["filter.trap.smudge", script("smudge")],
      ["filter.trap.clean", script("clean")],
      ["filter.trap.process", script("process")],
      ["gpg.program", script("gpg")],
      ["log.showSignature", "true"],
      ["alias.log", `!${script("alias-log")}`],
      ["alias.cat-file", `!${script("alias-cat-file")}`],
      ["pager.log", "true"],
      ["include.path", included],
      ["uploadpack.packObjectsHook", script("pack-objects")],
      ["remote.origin.url", `ext::${script("transport")}`],
      ["remote.origin.promisor", "true"],
      ["remote.origin.uploadpack", script("uploadpack")],
      ["extensions.partialClone", "origin"],
      ["protocol.ext.allow", "always"],
    ] as const) {
      spawnSync("git", ["config", "--file", join(root, ".git/config"), key, value]);
    }
    // A missing version of a file is what a partial clone would fetch.
    const missing = git("rev-parse", "HEAD:.gitattributes");
    rmSync(join(root, ".git/objects", missing.slice(0, 2), missing.slice(2)), { force: true });
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
    rmSync(marks, { recursive: true, force: true });
  });

  test("is one: Git itself steps into it.", () => {
    spawnSync("git", ["-C", root, "status"], { env: { PATH: path, HOME: root, GIT_CONFIG_GLOBAL: devNull } });
    expect(readdirSync(marks).length).toBeGreaterThan(0);
    for (const mark of readdirSync(marks)) rmSync(join(marks, mark));
  });

  test("runs nothing, and its history is read all the same.", async () => {
    const { secrets } = await searchHistory(request());
    expect(secrets.map(({ what }) => what)).toEqual(["the value of db_password"]);
    expect(readdirSync(marks)).toEqual([]);
  });
});

describe("A `.git` folder", () => {
  test("whose objects are not its own is refused with the reason.", () => {
    const folder = mkdtempSync(join(tmpdir(), "ringwall-gitfolder-"));
    try {
      expect(gitFolder(folder)).toEqual({ why: "its `.git` is no folder" });
      mkdirSync(join(folder, ".git/objects/info"), { recursive: true });
      writeFileSync(join(folder, ".git/objects/info/alternates"), "/elsewhere\n");
      expect(gitFolder(folder)).toMatchObject({ why: "its objects are borrowed from another repository" });
      rmSync(join(folder, ".git/objects"), { recursive: true });
      symlinkSync("/tmp", join(folder, ".git/objects"));
      expect(gitFolder(folder)).toMatchObject({ why: "its objects lie behind a link" });
      rmSync(join(folder, ".git"), { recursive: true });
      writeFileSync(join(folder, ".git"), "gitdir: ../elsewhere\n");
      expect(gitFolder(folder)).toMatchObject({
        why: "it is a worktree or submodule, whose history is kept elsewhere",
        hint: expect.stringContaining("git worktree list"),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
