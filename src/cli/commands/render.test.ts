import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

const stack = `version: 1
name: shop
domain: shop.example
zones:
  production: { purpose: what visitors use }
services:
  web:
    image: docker.io/library/nginx:1.29.1
    zone: production
    user: 101
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringwall-render-command-"));
  await writeFile(join(folder, "stack.yaml"), stack);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function ringwall(...argv: string[]) {
  const context = memoryContext({ cwd: folder });
  const code = await runCli(["render", ...argv], context);
  return { code, out: context.stdout.text(), err: context.stderr.text() };
}

test("render writes the folder beside stack.yaml, names what it made, and says what is to be settled", async () => {
  const { code, out, err } = await ringwall();
  expect(err).toBe("");
  expect(code).toBe(0);
  expect(out).toContain("shop in rendered/compose:");
  expect(out).toMatch(/created {2}compose\.yaml/);
  expect(await readFile(join(folder, "rendered/compose/compose.yaml"), "utf8")).toContain(
    "docker.io/library/nginx:1.29.1",
  );
});

test("a second render says that nothing changed", async () => {
  await ringwall();
  expect((await ringwall()).out).toContain("3 files unchanged");
});

test("--check ends with 1 before the first render and writes nothing, with 0 after it, and with 1 after a change", async () => {
  const before = await ringwall("--check");
  expect(before.code).toBe(1);
  expect(before.out).toMatch(/missing {2}compose\.yaml/);
  expect(before.out).not.toContain("created");
  await ringwall();
  // As in a fresh clone: Git ignores it.
  await rm(join(folder, "rendered/compose/.env"));
  expect((await ringwall("--check")).code).toBe(0);
  await writeFile(join(folder, "stack.yaml"), stack.replace("1.29.1", "1.29.2"));
  const after = await ringwall("--check");
  expect(after.code).toBe(1);
  expect(after.out).toMatch(/differs {2}compose\.yaml/);
});

test("a file that somebody changed is refused with a sentence and code 3, and replaced with --force", async () => {
  await ringwall();
  const path = join(folder, "rendered/compose/compose.yaml");
  await writeFile(path, "services: {}\n");
  const refused = await ringwall();
  expect(refused.code).toBe(3);
  expect(refused.err).toContain("is not replaced: it was changed after Ringwall wrote it.");
  expect(await readFile(path, "utf8")).toBe("services: {}\n");
  expect((await ringwall("--force")).code).toBe(0);
});

test("--output names another folder", async () => {
  await ringwall("--output", "elsewhere/deep");
  expect(await readFile(join(folder, "elsewhere/deep/.gitignore"), "utf8")).toContain(".env");
});

test("a file where the folder should be is said, and kept", async () => {
  await mkdir(join(folder, "rendered"));
  await writeFile(join(folder, "rendered/compose"), "mine");
  const { code, err } = await ringwall();
  expect(code).toBe(3);
  expect(err).toContain("rendered/compose");
  expect(await readFile(join(folder, "rendered/compose"), "utf8")).toBe("mine");
});

test("a mistake in the declaration is told with its place and code 2, and nothing is written", async () => {
  await writeFile(join(folder, "stack.yaml"), stack.replace("zone: production", "zone: prodution"));
  const { code, err } = await ringwall();
  expect(code).toBe(2);
  expect(err).toContain("stack.yaml:");
  await expect(readFile(join(folder, "rendered/compose/compose.yaml"))).rejects.toThrow();
});

// In a process of its own: the test runner resolves imports in its own way.
test("a stack.ts is typed by defineStack, which it can import wherever it lies", async () => {
  const typed = 'import { defineStack } from "ringwall";\nconst image: string = "nginx:1.29.1";\n';
  await writeFile(
    join(folder, "stack.ts"),
    `${typed}export const stack = defineStack({ name: "typed", services: { web: { image } } });\n`,
  );
  const program = join(import.meta.dirname, "../../../bin/ringwall.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "render", "stack.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("typed in rendered/compose:");
});
