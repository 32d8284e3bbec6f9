import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { openRepository } from "../repository/repository.ts";
import { composeTexts } from "./compose-texts.ts";
import { rootModules } from "./opentofu/discover.ts";
import { workflowReader } from "./workflow-reader.ts";

const blank = "\n".repeat(100_000);
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-blank-"));
  mkdirSync(join(folder, "inner"));
  writeFileSync(join(folder, "main.tf"), `module "a" {${blank}  source = "./inner"\n}\n`);
  writeFileSync(join(folder, "inner/main.tf"), "# nothing\n");
  writeFileSync(join(folder, "action.yml"), `name: a\n${blank}runs: {}\n`);
  const service = `    container_name: web\n    ports:\n      - target: 80\n        published: 8080\n    env_file: x.env\n`;
  writeFileSync(
    join(folder, "compose.yaml"),
    `services:\n  web:\n    image: nginx:1.29\n${blank}${service}secrets:\n  s:\n    file: ./inner/main.tf\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// covers: N6 | compose incus
test("Texts are glanced at in no more time than they are long, whatever blank lines they have", () => {
  const repository = openRepository(folder);
  const started = threadMs();
  expect(rootModules(repository).map((module) => [module.folder, module.calls])).toEqual([["", ["inner"]]]);
  const texts = composeTexts(repository);
  expect([texts.publishing(8080), texts.naming("web")]).toEqual([1, 1]);
  expect(texts.mounting("inner/main.tf", undefined)).toEqual([""]);
  expect(texts.mounting("inner/main.tf", { places: /never/, named: /nginx/ } as never)).toEqual([""]);
  expect(workflowReader.discover(repository, () => false).projects).toEqual([]);
  expect(threadMs() - started).toBeLessThan(1_000);
});
