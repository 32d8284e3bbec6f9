import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";
import { distinctPaths } from "./paths.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-paths-"));
  mkdirSync(join(folder, "old/node_modules/app"), { recursive: true });
  mkdirSync(join(folder, "older"));
  const text = "services:\n  backup:\n    image: restic/restic:0.16\n    privileged: true\n";
  for (const path of ["old/compose.yaml", "old/node_modules/app/compose.yaml", "older/compose.yaml", "old/strange"])
    writeFileSync(join(folder, path), text);
  symlinkSync("old", join(folder, "link"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(...argv: readonly string[]) {
  const context = memoryContext({ cwd: folder });
  const code = await runCli(["check", ...argv], context);
  return { code, stdout: context.stdout.text(), stderr: context.stderr.text() };
}

test.each([
  ["repeated", ["old", "old"], ["old"]],
  ["spelt otherwise", ["old", "./old/", "link"], ["old"]],
  ["inside another", ["old/compose.yaml", "old"], ["old"]],
  ["beside another with a longer name", ["old", "older"], ["old", "older"]],
  ["in a folder that is passed over", ["old", "old/node_modules/app"], ["old", "old/node_modules/app"]],
  ["that only its name makes a file to read", ["old", "old/strange"], ["old", "old/strange"]],
  ["not there", ["old", "nowhere", "nowhere"], ["old", "nowhere"]],
])("A path %s is checked once.", (_, given, kept) => {
  expect(distinctPaths(given, folder)).toEqual(kept);
});

test("What two paths lead to is judged and counted once.", async () => {
  const findings = async (...argv: readonly string[]) =>
    JSON.parse((await check(...argv, "--format", "json")).stdout).findings.map(
      ({ control, file }: { control: string; file: string }) => `${control} ${file}`,
    );
  const once = await findings("old");
  expect(once).toContain("workload.privileged-off compose.yaml");
  expect(await findings("old", "old/compose.yaml")).toEqual(once);
  expect(await findings("old", "./old/", join(folder, "old"))).toEqual(once);
});

test("An empty path is a mistake, and not the current folder.", async () => {
  const { code, stdout, stderr } = await check("");
  expect([code, stdout, stderr.split("\n")[0]]).toEqual([2, "", "ringwall: An empty path names nothing."]);
});

test.each([
  ["-o", "r.json", "--report", "./r.json"],
  ["--report", "r.json", "--report", "r.json"],
  ["--report", "r.json", "--write-baseline", "r.json"],
])("Two reports into one file are a mistake: %s %s %s %s.", async (...argv) => {
  const { code, stderr } = await check("old", ...argv);
  expect(code).toBe(2);
  expect(stderr).toMatch(/r\.json is named for two reports, and holds one\./);
});

test("Two reports into one link that leads to itself are a mistake like others.", async () => {
  symlinkSync("around.json", join(folder, "around.json"));
  const { code, stderr } = await check("old", "--report", "around.json", "--report", "around.json");
  expect([code, stderr.split("\n")[0]]).toEqual([2, "ringwall: around.json is named for two reports, and holds one."]);
});

test("Thousands of folders and paths are not each compared with each other.", () => {
  const folders = Array.from({ length: 1_000 }, (_, at) => `old/sub/${at}`);
  for (const each of folders) mkdirSync(join(folder, each), { recursive: true });
  const paths = Array.from({ length: 8_000 }, (_, at) => `old/none-${at}.yaml`);
  const started = threadMs();
  expect(distinctPaths([...folders, ...paths], folder)).toHaveLength(9_000);
  expect(distinctPaths([...folders, "old/sub", "/"], folder)).toEqual(["/"]);
  // Less than a second; twenty of them where every folder is compared with every path.
  expect(threadMs() - started).toBeLessThan(3_000);
});

test("Thousands of paths are looked at once each.", () => {
  const many = Array.from({ length: 8_000 }, (_, at) => `old/none-${at}.yaml`);
  expect(distinctPaths([...many, ...many, "older"], folder)).toHaveLength(8_001);
});

test("A framework and the threats are two reports, and one is given.", async () => {
  const { code, stderr } = await check("old", "--framework", "nist-csf", "--threats");
  expect(code).toBe(2);
  expect(stderr).toContain("`--framework` and `--threats` each take the place of the findings.");
});
