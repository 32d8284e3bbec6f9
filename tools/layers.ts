/**
 * Holds the folders of `src/` to their order: a folder imports only from folders below it (docs/architecture.md, "Layout").
 *
 * Prints one line for each import that goes up or sideways and ends with 1; prints nothing and ends with 0 otherwise.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** From the top down. Folders in one row may not import one another. */
export const layers: readonly (readonly string[])[] = [
  ["cli", "server"],
  ["operations"],
  ["blueprints"],
  ["components"],
  ["report"],
  ["controls", "platforms"],
  ["resolve", "stores"],
  ["formats"],
  ["repository"],
  ["contracts"],
  ["stack", "facts"],
  ["secrets", "state"],
  ["lib"],
];

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^"';]*?from\s*"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)|(?:^|\n)\s*import\s*"(\.[^"]+)"/g;

/** The violations among the files of one source folder, as sentences. */
export function layerViolations(sourceRoot: string): string[] {
  const rank = new Map(layers.flatMap((row, index) => row.map((name) => [name, index] as const)));
  const problems: string[] = [];
  for (const entry of readdirSync(sourceRoot, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const from = folderOf(sourceRoot, file);
    if (from === undefined) {
      problems.push(`${relative(sourceRoot, file)}: lies in no folder of the layout.`);
      continue;
    }
    const fromRank = rank.get(from);
    if (fromRank === undefined) {
      problems.push(
        `${relative(sourceRoot, file)}: the folder "${from}" is not in the layout; add it to tools/layers.ts and docs/architecture.md.`,
      );
      continue;
    }
    if (entry.name.endsWith(".test.ts")) continue;
    for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
      const target = folderOf(sourceRoot, resolve(dirname(file), match[1] ?? match[2] ?? match[3] ?? "."));
      if (target === undefined || target === from) continue;
      const targetRank = rank.get(target);
      if (targetRank === undefined || targetRank <= fromRank) {
        problems.push(
          `${relative(sourceRoot, file)}: "${from}" may not import from "${target}"; imports only run downward.`,
        );
      }
    }
  }
  return problems;
}

function folderOf(sourceRoot: string, file: string): string | undefined {
  const parts = relative(sourceRoot, file).split(sep);
  return parts.length > 1 && parts[0] !== ".." ? parts[0] : undefined;
}

if (import.meta.main) {
  const problems = layerViolations(join(dirname(fileURLToPath(import.meta.url)), "..", "src"));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
