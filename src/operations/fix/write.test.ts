import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LocatedFile, readOnDisk } from "./located-files.ts";
import { WorkingFile } from "./working-file.ts";
import { writeFixed } from "./write.ts";

let folder: string;
let at: LocatedFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-write-"));
  at = { folder, path: "f.yaml", shown: "stacks/f.yaml" };
  writeFileSync(join(folder, "f.yaml"), "a: 1\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function working(): WorkingFile {
  const onDisk = readOnDisk(at);
  if (onDisk === undefined || "why" in onDisk) throw new Error("the file is there");
  const file = new WorkingFile(at, onDisk);
  file.addLine("b: 2");
  return file;
}

const content = () => readFileSync(join(folder, "f.yaml"), "utf8");
const isRoot = process.getuid?.() === 0;

test("A change is written whole, with the mode that the file had, and nothing is left beside it", async () => {
  chmodSync(join(folder, "f.yaml"), 0o640);
  await writeFixed(working());
  expect(content()).toBe("a: 1\nb: 2\n");
  expect(statSync(join(folder, "f.yaml")).mode & 0o7777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(["f.yaml"]);
});

test.each<readonly [string, () => void]>([
  ["its text changed", () => writeFileSync(join(folder, "f.yaml"), "a: 3\n")],
  ["its mode changed", () => chmodSync(join(folder, "f.yaml"), 0o600)],
  ["it is gone", () => rmSync(join(folder, "f.yaml"))],
])("A file is left alone when %s since the change was planned", async (_, happen) => {
  const file = working();
  happen();
  await expect(writeFixed(file)).rejects.toMatchObject({
    code: "conflict",
    message: "stacks/f.yaml is not changed: it changed meanwhile.",
  });
  expect(readdirSync(folder).filter(() => content().includes("b: 2"))).toEqual([]);
});

test("A file that a link took the place of is left alone, and what the link leads to", async () => {
  const file = working();
  writeFileSync(join(folder, "other.yaml"), "a: 1\n");
  rmSync(join(folder, "f.yaml"));
  symlinkSync("other.yaml", join(folder, "f.yaml"));
  await expect(writeFixed(file)).rejects.toMatchObject({ message: expect.stringContaining("links are not followed") });
  expect(readFileSync(join(folder, "other.yaml"), "utf8")).toBe("a: 1\n");
});

test("A file is not made where somebody made one meanwhile", async () => {
  const made = new WorkingFile({ ...at, path: ".gitignore", shown: ".gitignore" }, undefined);
  made.addLine("/.env");
  writeFileSync(join(folder, ".gitignore"), "mine\n");
  await expect(writeFixed(made)).rejects.toMatchObject({ code: "conflict" });
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("mine\n");
});

test("Its mode alone is changed without writing it anew", async () => {
  const onDisk = readOnDisk(at);
  if (onDisk === undefined || "why" in onDisk) throw new Error("the file is there");
  const file = new WorkingFile(at, onDisk);
  file.setMode(0o600);
  const { ino } = statSync(join(folder, "f.yaml"));
  await writeFixed(file);
  expect(statSync(join(folder, "f.yaml"))).toMatchObject({ ino });
  expect(statSync(join(folder, "f.yaml")).mode & 0o7777).toBe(0o600);
});

test.skipIf(!isRoot)("The owner stays who it was (skipped but as root)", async () => {
  chownSync(join(folder, "f.yaml"), 1234, 2345);
  await writeFixed(working());
  expect(statSync(join(folder, "f.yaml"))).toMatchObject({ uid: 1234, gid: 2345 });
});

test.skipIf(!isRoot)("Another user's file is not taken over (skipped but as root)", () => {
  const program = fileURLToPath(new URL("../../../test/support/run-as-nobody.ts", import.meta.url));
  const compose = "services:\n  web:\n    image: x:1\n";
  const warm = mkdtempSync(join(tmpdir(), "ringwall-warm-"));
  mkdirSync(join(warm, "a"));
  writeFileSync(join(warm, "a/compose.yaml"), compose);
  const cases = [
    ["a", 0o666, "it belongs to another user, and would become yours"],
    ["b", 0o644, "this user may not write it"],
  ] as const;
  for (const [name, mode] of cases) {
    mkdirSync(join(folder, name), { mode: 0o777 });
    chmodSync(join(folder, name), 0o777);
    writeFileSync(join(folder, name, "compose.yaml"), compose);
    chmodSync(join(folder, name, "compose.yaml"), mode);
  }
  chmodSync(folder, 0o777);
  const out = execFileSync(process.execPath, [program, warm, folder, "check", "--fix", "--yes"], { encoding: "utf8" });
  const { code, err } = JSON.parse(out) as { code: number; err: string };
  expect(code).toBe(3);
  for (const [name, , why] of cases) {
    expect(err).toContain(`${name}/compose.yaml is not changed: ${why}.`);
    expect(readFileSync(join(folder, name, "compose.yaml"), "utf8")).toBe(compose);
  }
  rmSync(warm, { recursive: true });
});
