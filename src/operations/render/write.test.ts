import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RenderedFile } from "../../contracts/platform.ts";
import { compareRendered } from "./compare.ts";
import { contentHash, manifestName, parseManifest, writeManifest } from "./manifest.ts";
import { writeRendered } from "./write.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "ringwall-write-")), "compose");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const files = (changes: Record<string, string> = {}): RenderedFile[] =>
  Object.entries({ "compose.yaml": "services: {}\n", "caddy/Caddyfile": "one\n", ...changes }).map(
    ([path, content]) => ({
      path,
      content,
      mode: 0o644,
    }),
  );
const secretFile = (content: string): RenderedFile => ({ path: ".env", content, mode: 0o600, ignoredByGit: true });
const read = (path: string) => readFile(join(folder, path), "utf8");
const actions = async (rendered: readonly RenderedFile[], options = {}) =>
  Object.fromEntries((await writeRendered(folder, rendered, options)).map(({ path, action }) => [path, action]));

describe("writing a rendered folder", () => {
  test("creates the files with their modes, and a second time changes nothing", async () => {
    expect(await actions([...files(), secretFile("A=1\n")])).toEqual({
      ".env": "create",
      "caddy/Caddyfile": "create",
      "compose.yaml": "create",
    });
    expect((await stat(join(folder, ".env"))).mode & 0o777).toBe(0o600);
    const before = await stat(join(folder, manifestName));
    expect(await actions([...files(), secretFile("A=1\n")])).toEqual({
      ".env": "keep",
      "caddy/Caddyfile": "keep",
      "compose.yaml": "keep",
    });
    expect((await stat(join(folder, manifestName))).mtimeMs).toBe(before.mtimeMs);
  });

  test("replaces what it wrote, and removes what is no longer rendered with the folder that it leaves empty", async () => {
    await writeRendered(folder, files());
    const fewer = files({ "compose.yaml": "services: {a: {}}\n" }).filter(({ path }) => path === "compose.yaml");
    expect(await actions(fewer)).toEqual({ "caddy/Caddyfile": "remove", "compose.yaml": "change" });
    expect((await readdir(folder)).sort()).toEqual(["compose.yaml", manifestName]);
  });

  test("leaves files alone that it knows nothing of", async () => {
    await writeRendered(folder, files());
    await writeFile(join(folder, "caddy", "notes.txt"), "mine");
    await writeRendered(folder, files().slice(0, 1));
    expect(await read("caddy/notes.txt")).toBe("mine");
  });

  test("refuses to replace a file that somebody changed, says which, and writes nothing", async () => {
    await writeRendered(folder, files());
    await writeFile(join(folder, "compose.yaml"), "services: {mine: {}}\n");
    await expect(
      writeRendered(folder, files({ "caddy/Caddyfile": "two\n", "compose.yaml": "x: 1\n" })),
    ).rejects.toMatchObject({
      code: "conflict",
      message: `${join(folder, "compose.yaml")} is not replaced: it was changed after Ringwall wrote it.`,
    });
    expect(await read("caddy/Caddyfile")).toBe("one\n");
  });

  test("refuses to replace a file that was there before, and replaces it when forced", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "compose.yaml"), "services: {mine: {}}\n");
    await expect(writeRendered(folder, files())).rejects.toMatchObject({
      message: `${join(folder, "compose.yaml")} is not replaced: it was not written by Ringwall.`,
    });
    await writeRendered(folder, files(), { force: true });
    expect(await read("compose.yaml")).toBe("services: {}\n");
  });

  test("refuses to remove an obsolete file that somebody changed", async () => {
    await writeRendered(folder, files());
    await writeFile(join(folder, "caddy", "Caddyfile"), "mine\n");
    await expect(writeRendered(folder, files().slice(0, 1))).rejects.toMatchObject({ code: "conflict" });
    expect(await read("caddy/Caddyfile")).toBe("mine\n");
  });

  test("takes a file that already has the rendered content for its own", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "compose.yaml"), "services: {}\n");
    await writeRendered(folder, files());
    expect(await actions(files({ "compose.yaml": "services: {a: {}}\n" }))).toMatchObject({ "compose.yaml": "change" });
  });

  test("narrows a file that others could read where only its owner may", async () => {
    await writeRendered(folder, [secretFile("A=1\n")]);
    await chmod(join(folder, ".env"), 0o644);
    expect(await actions([secretFile("A=1\n")])).toEqual({ ".env": "change" });
    expect((await stat(join(folder, ".env"))).mode & 0o777).toBe(0o600);
  });
});

describe("a rendered folder that somebody prepared", () => {
  test("does not write through a folder that is a link, even when forced", async () => {
    const elsewhere = join(folder, "..", "elsewhere");
    await mkdir(folder);
    await mkdir(elsewhere);
    await symlink(elsewhere, join(folder, "caddy"));
    const refused = {
      code: "conflict",
      message: `${join(folder, "caddy/Caddyfile")} is not replaced: caddy on the way to it is not a folder.`,
    };
    await expect(writeRendered(folder, files())).rejects.toMatchObject(refused);
    await expect(writeRendered(folder, files(), { force: true })).rejects.toMatchObject(refused);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test("replaces a link by a file when forced, and leaves what the link led to", async () => {
    const victim = join(folder, "..", "victim");
    await mkdir(folder);
    await writeFile(victim, "kept");
    await symlink(victim, join(folder, "compose.yaml"));
    await expect(writeRendered(folder, files())).rejects.toMatchObject({ code: "conflict" });
    await writeRendered(folder, files(), { force: true });
    expect(await readFile(victim, "utf8")).toBe("kept");
    expect(await read("compose.yaml")).toBe("services: {}\n");
  });

  test("refuses a folder where a file is to be, even when forced", async () => {
    await mkdir(join(folder, "compose.yaml"), { recursive: true });
    await expect(writeRendered(folder, files(), { force: true })).rejects.toMatchObject({
      message: `${join(folder, "compose.yaml")} is not replaced: it is not a regular file.`,
    });
  });

  test("does not believe a manifest that names files outside the folder", async () => {
    const victim = join(folder, "..", "victim");
    await mkdir(folder);
    await writeFile(victim, "kept");
    const forged = { version: 1, files: { "../victim": contentHash("kept") } };
    await writeFile(join(folder, manifestName), JSON.stringify(forged));
    await expect(writeRendered(folder, files())).rejects.toMatchObject({ code: "conflict" });
    await writeRendered(folder, files(), { force: true });
    expect(await readFile(victim, "utf8")).toBe("kept");
  });

  test.each(["", "null", "[]", "{", '{"version":2,"files":{}}', '{"version":1,"files":{"a":"b"}}'])(
    "refuses the manifest %j",
    (text) => {
      expect(() => parseManifest(text, "m")).toThrow(/is not a manifest that Ringwall wrote/);
    },
  );

  test("refuses a render whose files would lie outside, or are named twice", async () => {
    await expect(compareRendered(folder, files({ "../x": "" }))).rejects.toMatchObject({ code: "invalid" });
    await expect(compareRendered(folder, files({ "/x": "" }))).rejects.toMatchObject({ code: "invalid" });
    await expect(compareRendered(folder, [...files(), ...files()])).rejects.toMatchObject({ code: "invalid" });
    await expect(compareRendered(folder, files({ [manifestName]: "" }))).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a write that did not come to its end", () => {
  test("is finished by the next run, also when the stack has changed since", async () => {
    await writeRendered(folder, files());
    const old = parseManifest(await read(manifestName), "m").files;
    // As a crash leaves it after the first of two renames.
    await writeFile(join(folder, "compose.yaml"), "new\n");
    const next = new Map([...old, ["compose.yaml", contentHash("new\n")], ["caddy/Caddyfile", contentHash("two\n")]]);
    await writeFile(join(folder, manifestName), writeManifest({ files: next, replacing: old }));
    expect(await actions(files({ "compose.yaml": "newer\n", "caddy/Caddyfile": "three\n" }))).toEqual({
      "caddy/Caddyfile": "change",
      "compose.yaml": "change",
    });
    expect(parseManifest(await read(manifestName), "m").replacing.size).toBe(0);
  });

  test("leaves the folder as it was when one file cannot be written", async () => {
    await writeRendered(folder, files());
    const tooLong = { [`new/${"x".repeat(300)}`]: "no file system takes such a name" };
    await expect(writeRendered(folder, files({ "compose.yaml": "new\n", ...tooLong }))).rejects.toMatchObject({
      code: "disk",
    });
    expect(await read("compose.yaml")).toBe("services: {}\n");
    expect((await readdir(folder)).sort()).toEqual(["caddy", "compose.yaml", manifestName]);
  });
});
