import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { differences, settle } from "../generate.ts";
import type { Generator } from "./generator.ts";

const repository = join(dirname(fileURLToPath(import.meta.url)), "../..");
const generator: Generator = {
  name: "sample",
  folders: ["docs/sample"],
  run: () => [{ path: "docs/sample/one.md", content: "one\n" }],
};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ringwall-generate-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("What is generated in this repository is up to date (run `npm run generate` where it is not)", () => {
  expect(differences(repository).map(({ path, state }) => `${path}: ${state}`)).toEqual([]);
});

test("A missing file is told, then written", () => {
  const found = differences(root, [generator]);
  expect(found).toMatchObject([{ path: "docs/sample/one.md", state: "missing", generator: "sample" }]);
  settle(root, found);
  expect(readFileSync(join(root, "docs/sample/one.md"), "utf8")).toBe("one\n");
  expect(differences(root, [generator])).toEqual([]);
});

test("A changed file is stale, and one that nobody makes any more is left over", () => {
  mkdirSync(join(root, "docs/sample"), { recursive: true });
  writeFileSync(join(root, "docs/sample/one.md"), "edited by hand\n");
  writeFileSync(join(root, "docs/sample/gone.md"), "old\n");
  const found = differences(root, [generator]);
  expect(found.map(({ path, state }) => [path, state])).toEqual([
    ["docs/sample/one.md", "stale"],
    ["docs/sample/gone.md", "left over"],
  ]);
  settle(root, found);
  expect(differences(root, [generator])).toEqual([]);
});
