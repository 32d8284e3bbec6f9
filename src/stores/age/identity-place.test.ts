import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { AgeStore } from "../../secrets/age-store.ts";
import { Secret } from "../../secrets/secret.ts";
import { expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { openStore } from "../open-store.ts";
import { refuseInsideGit } from "./identity-place.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-place-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

function repository(): string {
  const path = join(folder, `repository${count++}`);
  mkdirSync(path);
  execFileSync("git", ["init", "-q", path]);
  return path;
}

describe("the place of an identity", () => {
  // covers: S7
  it("is refused in a Git repository that would take it, before anything is made", async () => {
    const root = repository();
    const store = new AgeStore(join(root, ".ringwall"), {
      identity: join(root, "keys/age.txt"),
      mayLie: refuseInsideGit,
    });
    const failure = await failureOf(store.set(new Secret("a", "hunter2-hunter2")));
    expectSafe(failure, "conflict", "hunter2-hunter2");
    expect(String(failure)).toContain("does not ignore it");
    expect(await store.list()).toEqual([]);
    writeFileSync(join(root, ".gitignore"), "keys/\n");
    await store.set(new Secret("a", "value"));
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" })).toBe("?? .gitignore\n");
  });

  it("is refused when Git tracks it already, and where a link leads into a repository", async () => {
    const root = repository();
    const identity = join(root, "age.txt");
    const store = () => new AgeStore(join(root, ".ringwall"), { identity, mayLie: refuseInsideGit });
    writeFileSync(join(root, ".gitignore"), "age.txt\n");
    await store().set(new Secret("a", "value"));
    execFileSync("git", ["add", "-f", "age.txt"], { cwd: root });
    const failure = await failureOf(store().get("a"));
    expectSafe(failure, "conflict", "AGE-SECRET-KEY");
    expect(String(failure)).toContain("Git has the identity");
    symlinkSync(root, join(folder, "link"));
    expect(() => refuseInsideGit(join(folder, "link/other.txt"))).toThrow("does not ignore it");
  });

  it("is well outside of every repository, and in a stack's own folder, which ignores itself", async () => {
    const root = repository();
    const around = {
      folder: root,
      environment: { HOME: folder },
      surroundings: { clock: () => 0, sleep: async () => {} },
    };
    const store = await openStore({ name: "shop" }, around);
    await store.set(new Secret("a", "value"));
    const outside = await openStore({ name: "shop", store: { age: { identity: "~/keys/shop" } } }, around);
    expect(String(await failureOf(outside.get("a")))).toContain(join(folder, "keys/shop"));
    refuseInsideGit(join(folder, "keys/shop"));
  });
});
