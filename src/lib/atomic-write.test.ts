import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder, writeFailure, writeFileAtomic } from "./atomic-write.ts";

describe("writeFileAtomic", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringwall-atomic-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("replaces the file with the mode asked for and leaves nothing beside it", async () => {
    const path = join(folder, "a");
    await writeFile(path, "old");
    await writeFileAtomic(path, "new", { mode: 0o400, tag: "up-1" });
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o400);
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("writes a text of many parts whole, and leaves the old one when the making of a part throws", async () => {
    const path = join(folder, "a");
    const parts = Array.from({ length: 30_000 }, (_, at) => `line ${at} — ü\n`);
    await writeFileAtomic(path, parts, { mode: 0o600 });
    expect(await readFile(path, "utf8")).toBe(parts.join(""));
    const broken = (function* () {
      yield "new";
      throw new TypeError("a mistake");
    })();
    await expect(writeFileAtomic(path, broken, { mode: 0o600 })).rejects.toThrow(TypeError);
    expect(await readFile(path, "utf8")).toBe(parts.join(""));
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("replaces a link instead of writing through it", async () => {
    await writeFile(join(folder, "victim"), "kept");
    await symlink(join(folder, "victim"), join(folder, "a"));
    await writeFileAtomic(join(folder, "a"), "new", { mode: 0o600 });
    expect(await readFile(join(folder, "victim"), "utf8")).toBe("kept");
    expect(await readFile(join(folder, "a"), "utf8")).toBe("new");
  });

  it("says that the folder is missing", async () => {
    await expect(writeFileAtomic(join(folder, "none/a"), "x", { mode: 0o600 })).rejects.toMatchObject({
      code: "not-found",
      message: `${join(folder, "none/a")} cannot be written: its folder does not exist.`,
    });
  });

  it("leaves the old file and nothing beside it when the name is taken by a folder", async () => {
    await makeFolder(join(folder, "a/b"), 0o700);
    await expect(writeFileAtomic(join(folder, "a"), "x", { mode: 0o600 })).rejects.toMatchObject({ code: "conflict" });
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("says that a full disk changed nothing", () => {
    const failure = writeFailure("/x", Object.assign(new Error("no"), { code: "ENOSPC" }));
    expect(failure.code).toBe("disk");
    expect(failure.describe()).toContain("the disk is full");
  });
});
