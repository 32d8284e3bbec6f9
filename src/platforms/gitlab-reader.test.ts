import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function pipelines(files: Readonly<Record<string, string>>, named = ""): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "gitlab-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { systems, problems } = readPaths([join(folder, named)], { cwd: folder });
  expect(problems).toEqual([]);
  return systems.flatMap((system) => system.all("pipeline").map(({ file }) => `${system.name} ${file}`));
}

const job = "job: {script: make}\n";

// covers: P6 | files
test("A pipeline is the file at the root with those of the repository that it includes, also by a pattern and in turn.", () => {
  expect(
    [
      ...pipelines({
        ".gitlab-ci.yml": `include: [/ci/a.yml, {local: "ci/jobs/**.yml"}, {local: "ci/deep/**/*.yml"}, {local: ../out.yml}]\n${job}`,
        "ci/a.yml": `include: {local: ci/b.yaml}\n${job}`,
        "ci/b.yaml": `include: .gitlab-ci.yml\n${job}`,
        "ci/jobs/x.yml": job,
        "ci/deep/er/y.yml": job,
        "ci/unused.yml": job,
      }),
    ].sort(),
  ).toEqual(
    [".gitlab-ci.yml", "ci/a.yml", "ci/b.yaml", "ci/deep/er/y.yml", "ci/jobs/x.yml"].map((path) => `gitlab-ci ${path}`),
  );
});

test("One below the root is somebody's example, and one that is named alone is read.", () => {
  expect(pipelines({ "examples/.gitlab-ci.yml": job, "compose.yaml": "services: {a: {image: b}}\n" })).toEqual([]);
  expect(pipelines({ ".gitlab-ci.yml": `services: [redis:8]\n${job}` }, ".gitlab-ci.yml")).toEqual([
    "gitlab-ci .gitlab-ci.yml",
  ]);
});
