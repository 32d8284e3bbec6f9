import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AppliedState, readApplied, writeApplied } from "./applied.ts";
import { StateFolder } from "./state-folder.ts";

describe("the state beside a stack", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringwall-state-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const applied: AppliedState = {
    version: 1,
    stack: "shop",
    operation: "up-1",
    at: "2026-01-02T03:04:05Z",
    resources: { "service web": { image: "a", ports: [80], health: null } },
  };

  it("is read as it was written, by its owner alone", async () => {
    const path = join(folder, "applied.json");
    expect(await readApplied(path)).toBeUndefined();
    await writeApplied(path, applied);
    expect(await readApplied(path)).toEqual(applied);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each(["", "{", "[]", '{"version":2}', '{"version":1,"stack":"x"}'])("refuses %j with what to do", async (text) => {
    const path = join(folder, "applied.json");
    await writeFile(path, text);
    await expect(readApplied(path)).rejects.toMatchObject({
      code: "invalid",
      hint: expect.stringContaining("Move it away"),
    });
  });

  it("lies in a private folder, and refuses one that others can write or a link", async () => {
    const state = new StateFolder(folder);
    await state.prepare();
    expect((await stat(state.path)).mode & 0o777).toBe(0o700);
    const { chmod, symlink } = await import("node:fs/promises");
    await chmod(state.path, 0o770);
    await expect(state.prepare()).rejects.toMatchObject({ code: "permission" });
    await rm(state.path, { recursive: true });
    await symlink("/tmp", state.path);
    await expect(state.prepare()).rejects.toMatchObject({ code: "conflict" });
  });
});
