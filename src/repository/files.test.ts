import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfinedFiles, normalise } from "./files.ts";
import { walk } from "./walk.ts";

const outer = mkdtempSync(join(tmpdir(), "ringwall-files-"));
const root = join(outer, "root");
mkdirSync(join(root, "sub/deep"), { recursive: true });
writeFileSync(join(outer, "outside.txt"), "secret\n");
writeFileSync(join(root, "a.txt"), "one\ntwo\n");
writeFileSync(join(root, "sub/deep/b.txt"), "b");
afterAll(() => rmSync(outer, { recursive: true, force: true }));

const files = new ConfinedFiles(root, { bytes: 1000 });

function reason(path: string, from = files): string {
  const answer = from.read(path);
  return answer.ok ? "read" : `${answer.reason}: ${answer.message}`;
}

describe("files below a root", () => {
  test("are read whole, with a source that knows their lines and their one spelling", () => {
    const file = files.read("./sub/../a.txt");
    expect(file).toMatchObject({ ok: true, path: "a.txt", text: "one\ntwo\n" });
    if (file.ok) expect([file.source.path, file.source.locate(5)]).toEqual(["a.txt", { line: 2, column: 2 }]);
    expect(files.read("sub/deep/b.txt")).toMatchObject({ ok: true, text: "b" });
  });

  test("are found by the absolute path that the folder has here, as it was named and without links", () => {
    const link = join(outer, "named");
    symlinkSync(root, link);
    const own = new ConfinedFiles(link);
    for (const absolute of [join(link, "a.txt"), join(root, "a.txt"), `${root}/sub/../a.txt`])
      expect(own.read(absolute)).toMatchObject({ ok: true, path: "a.txt" });
    expect([own.within(root), own.within(`${link}/sub/`), own.within("sub/./deep")]).toEqual(["", "sub", "sub/deep"]);
    for (const outside of [`${root}side`, `${root}/../outside.txt`, "/", outer])
      expect(own.within(outside)).toBeUndefined();
  });

  test("lose their byte order mark", () => {
    writeFileSync(join(root, "bom.txt"), "\ufeffx");
    expect(files.read("bom.txt")).toMatchObject({ ok: true, text: "x" });
  });

  test("are the same object when asked for again, until they are forgotten", () => {
    const own = new ConfinedFiles(root);
    const first = own.read("a.txt");
    expect(own.read("a.txt")).toBe(first);
    own.forget();
    expect(own.read("a.txt")).not.toBe(first);
  });

  test("outlive being forgotten once when they were glanced at, until everything is dropped", () => {
    const own = new ConfinedFiles(root);
    const first = own.glance("a.txt");
    expect(own.glance("not-there.txt")).toMatchObject({ ok: false, reason: "missing" });
    own.forget();
    expect(own.read("./a.txt")).toBe(first);
    own.forget();
    const second = own.read("a.txt");
    expect(second).not.toBe(first);
    expect(own.glance("a.txt")).toBe(second);
    own.forgetAll();
    expect(own.read("a.txt")).not.toBe(second);
  });

  test("are there as a walk saw them, and are looked for where it did not look", () => {
    const own = new ConfinedFiles(root);
    const paths = ["a.txt", "none.txt", "sub", "sub/none.txt", "sub/deep/b.txt", "sub/deep/none.txt", "sub/other"];
    const before = paths.map((path) => own.exists(path));
    const folders = ["", "sub", "sub/deep", "none", "sub/none", "a.txt", "sub/deep/none"];
    const real = folders.map((path) => own.isFolder(path));
    own.walked({ files: ["a.txt"], folders: ["", "sub"], unlisted: ["sub/deep"], others: ["sub/other"] });
    expect(paths.map((path) => own.exists(path))).toEqual(before);
    expect(folders.map((path) => own.isFolder(path))).toEqual(real);
    expect(real).toEqual([true, true, true, false, false, false, false]);
    expect(before).toEqual([true, false, false, false, true, false, false]);
    writeFileSync(join(root, "late.txt"), "");
    expect([own.exists("late.txt"), own.read("late.txt").ok]).toEqual([false, true]);
  });
});

describe("what is not opened", () => {
  test.each([
    "../outside.txt",
    "sub/../../outside.txt",
    join(outer, "outside.txt"),
    "/etc/passwd",
    "a\0b",
    "\\\\host\\x",
  ])("lies outside: %j", (path) => {
    expect(reason(path)).toContain("outside: ");
    expect(reason(path)).toContain("lies outside the folder that is checked");
  });

  test("a link that leads outside, and one that leads inside", () => {
    symlinkSync(join(outer, "outside.txt"), join(root, "link-out"));
    symlinkSync("a.txt", join(root, "link-in"));
    expect(reason("link-out")).toBe("link: link-out is a link; links are not followed.");
    expect(reason("link-in")).toBe("link: link-in is a link; links are not followed.");
    expect([files.exists("link-out/x"), files.isFolder("link-out")]).toEqual([false, false]);
  });

  test("what a link is to, though it tells where it leads, within the root and of no link but the one asked for", () => {
    const own = mkdtempSync(join(outer, "links-"));
    mkdirSync(join(own, "sub"));
    symlinkSync("../a.txt", join(own, "sub/link"));
    symlinkSync("sub", join(own, "folder"));
    symlinkSync("../outside.txt", join(outer, "beside"));
    const walked = new ConfinedFiles(own);
    walked.walked(walk(own));
    for (const from of [new ConfinedFiles(own), walked]) {
      expect(from.linkText("sub/link")).toBe("../a.txt");
      for (const path of ["folder/link", "../beside", "sub", "sub/none", ""])
        expect(from.linkText(path)).toBeUndefined();
    }
    expect(walked.othersIn("sub")).toEqual(["sub/link"]);
  });

  test("a file behind a folder that is a link", () => {
    symlinkSync(outer, join(root, "way-out"));
    expect(reason("way-out/outside.txt")).toBe(
      "link: way-out/outside.txt goes through the link way-out; links are not followed.",
    );
    expect(files.list("way-out")).toEqual([]);
  });

  test("a folder, a pipe (without waiting for a writer), a socket's or device's like", () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(reason("sub")).toBe("not-regular: sub is a folder, not a regular file.");
    expect(reason("")).toContain("not-regular");
    const start = performance.now();
    expect(reason("pipe")).toBe("not-regular: pipe is a pipe, not a regular file.");
    expect(performance.now() - start).toBeLessThan(500);
  });

  test("a file that is not there, or below a file", () => {
    expect(reason("none.txt")).toBe("missing: none.txt is not there.");
    expect(reason("a.txt/b")).toBe("missing: a.txt/b is not there: a.txt is not a folder.");
  });

  test("a file over the cap, and not one that just fits", () => {
    writeFileSync(join(root, "fits.txt"), "x".repeat(1000));
    writeFileSync(join(root, "large.txt"), "x".repeat(1001));
    expect(reason("fits.txt")).toBe("read");
    expect(reason("large.txt")).toBe("too-large: large.txt is larger than 1000 bytes; it is not read.");
    expect(new ConfinedFiles(root).read("large.txt").ok).toBe(true);
  });

  test("what is no text", () => {
    writeFileSync(join(root, "binary"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]));
    writeFileSync(join(root, "latin1.txt"), Buffer.from([0x63, 0x61, 0x66, 0xe9]));
    writeFileSync(join(root, "utf16"), Buffer.from("\ufeffservices: {}\n", "utf16le"));
    expect(reason("utf16")).toBe("not-utf8: utf16 is UTF-16 text; save it as UTF-8.");
    expect(reason("binary")).toBe("binary: binary is a binary file (it has a zero byte); expected UTF-8 text.");
    expect(reason("latin1.txt")).toBe("not-utf8: latin1.txt is not valid UTF-8; save it as UTF-8 text.");
  });

  test.skipIf(process.getuid?.() === 0)("a file that this user may not read (skipped as root)", () => {
    writeFileSync(join(root, "locked.txt"), "x", { mode: 0o000 });
    chmodSync(join(root, "locked.txt"), 0o000);
    expect(reason("locked.txt")).toBe("unreadable: locked.txt cannot be read: this user has no permission.");
  });

  test("no message names a folder of this machine", () => {
    for (const path of ["../outside.txt", "link-out", "way-out/x", "none", "sub", "large.txt"]) {
      expect(reason(path)).not.toContain(outer);
    }
  });
});

test("a path has one spelling, or none when it leaves the root", () => {
  expect(["a/./b//c", "a/../b", ".", "a/..", "../a", "a/../..", "/a"].map(normalise)).toEqual([
    "a/b/c",
    "b",
    "",
    "",
    undefined,
    undefined,
    undefined,
  ]);
});
