import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeReportFile } from "./report-file.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-report-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("A report that is there keeps its mode when it is written anew, also through a link.", async () => {
  const path = join(folder, "kept.json");
  writeFileSync(path, "old");
  chmodSync(path, 0o600);
  await writeReportFile(path, ["new"]);
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["new", 0o600]);
  const link = join(folder, "link.json");
  symlinkSync(path, link);
  await writeReportFile(link, ["newer"]);
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["newer", 0o600]);
});

test("A new report can be read by all.", async () => {
  const path = join(folder, "new.json");
  await writeReportFile(path, ["a", "b"]);
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["ab", 0o644]);
});

test("A report goes where a link leads, though nothing is there yet; a link in a circle is told.", async () => {
  const target = join(folder, "later.json");
  const [link, further] = [join(folder, "dangling.json"), join(folder, "further.json")];
  symlinkSync("later.json", link);
  symlinkSync(link, further);
  await writeReportFile(further, ["new"]);
  expect(readFileSync(target, "utf8")).toBe("new");
  expect([link, further].every((path) => lstatSync(path).isSymbolicLink())).toBe(true);
  const circle = join(folder, "circle.json");
  symlinkSync("circle.json", circle);
  await expect(writeReportFile(circle, ["new"])).rejects.toThrow("a link that leads to itself");
});

test("A folder that takes no new file is not said to be missing.", async () => {
  await expect(writeReportFile(join(folder, "nowhere/x.json"), ["a"])).rejects.toThrow("its folder does not exist");
  if (process.platform === "linux") {
    await expect(writeReportFile("/proc/x.json", ["a"])).rejects.toThrow("its folder takes no new file");
  }
});
