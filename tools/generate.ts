/**
 * Writes what is made from something else in the repository. With `--check` writes nothing, prints each file that is
 * missing, stale or left over, and ends with 1 when there is one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { accuracyPage } from "./generate/accuracy.ts";
import { controlPages } from "./generate/controls.ts";
import { coverage } from "./generate/coverage.ts";
import type { Generator } from "./generate/generator.ts";

/** Every generator. */
export const generators: readonly Generator[] = [controlPages, coverage, accuracyPage];

/** A file on disk that differs from what its generator makes. */
export interface Difference {
  readonly generator: string;
  readonly path: string;
  readonly state: "missing" | "stale" | "left over";
  /** What belongs there; undefined for one that is left over. */
  readonly content: string | undefined;
}

/** Where the disk differs from what the generators make now. */
export function differences(root: string, from: readonly Generator[] = generators): readonly Difference[] {
  return from.flatMap((generator) => {
    const files = generator.run();
    const made = new Set(files.map((file) => file.path));
    const changed = files.flatMap(({ path, content }): Difference[] => {
      const full = join(root, path);
      if (!existsSync(full)) return [{ generator: generator.name, path, state: "missing", content }];
      return readFileSync(full, "utf8") === content
        ? []
        : [{ generator: generator.name, path, state: "stale", content }];
    });
    const left = generator.folders
      .flatMap((folder) => filesIn(root, folder))
      .filter((path) => !made.has(path))
      .map((path): Difference => ({ generator: generator.name, path, state: "left over", content: undefined }));
    return [...changed, ...left];
  });
}

function filesIn(root: string, folder: string): readonly string[] {
  const full = join(root, folder);
  return existsSync(full) ? readdirSync(full).map((name) => `${folder}/${name}`) : [];
}

/** Writes what is missing or stale, and removes what is left over. */
export function settle(root: string, found: readonly Difference[]): void {
  for (const { path, content } of found) {
    const full = join(root, path);
    if (content === undefined) rmSync(full, { recursive: true });
    else {
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
    }
  }
}

if (import.meta.main) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const found = differences(root);
  for (const { generator, path, state } of found) console.log(`${path}: ${state} (${generator})`);
  if (!process.argv.includes("--check")) settle(root, found);
  else if (found.length > 0) {
    console.error("Run `npm run generate` and commit what it writes.");
    process.exitCode = 1;
  }
}
