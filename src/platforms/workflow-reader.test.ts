import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPaths } from "./read-paths.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const workflow = "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{ run: make }]\n";

function folderOf(...paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "workflows-"));
  folders.push(folder);
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith(".yml") ? workflow : "ref: refs/heads/main\n");
  }
  return folder;
}

function pipelines(folder: string, named = "."): readonly string[] {
  const { systems } = readPaths([named], { cwd: folder });
  return systems.flatMap((system) => system.all("pipeline").map(({ file }) => `${system.name}: ${file}`));
}

describe("Workflows", () => {
  // covers: P6
  test("of one repository are one system, of GitHub, Forgejo and Gitea alike.", () => {
    const folder = folderOf(
      ".github/workflows/a.yml",
      ".github/workflows/b.yml",
      ".forgejo/workflows/c.yml",
      "docs/d.yml",
    );
    expect(pipelines(folder)).toEqual([
      "workflows: .forgejo/workflows/c.yml",
      "workflows: .github/workflows/a.yml",
      "workflows: .github/workflows/b.yml",
    ]);
  });

  test("are found when their folder is named, or one of them.", () => {
    const folder = folderOf(".github/workflows/a.yml");
    expect(pipelines(folder, ".github")).toEqual(["workflows: workflows/a.yml"]);
    expect(pipelines(folder, ".github/workflows")).toEqual(["workflows: a.yml"]);
    expect(pipelines(folder, ".github/workflows/a.yml")).toEqual(["workflows: a.yml"]);
  });

  test("of repositories below are theirs, and a copy inside of a repository is nobody's.", () => {
    const apart = folderOf(
      "one/.github/workflows/a.yml",
      "one/.git/HEAD",
      "two/.github/workflows/a.yml",
      "two/.git/HEAD",
    );
    expect(pipelines(apart)).toEqual([
      "workflows: one/.github/workflows/a.yml",
      "workflows (two/.github/workflows/a.yml): two/.github/workflows/a.yml",
    ]);
    const inside = folderOf(".git/HEAD", ".github/workflows/own.yml", "templates/app/.github/workflows/a.yml");
    expect(pipelines(inside)).toEqual(["workflows: .github/workflows/own.yml"]);
  });
});
