import { fileURLToPath } from "node:url";

/**
 * Where a program that Ringwall starts by its path lies, in a checkout and in the published package alike. The name is
 * the module's path in `src` without its ending, and stands in `entries` of `tools/build.ts`.
 */
export function programPath(name: "operations/probes/agent-main"): string {
  // Here src/cli/program-path.ts, there dist/chunks/….js or dist/cli/main.js: both one below the root of the modules.
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return fileURLToPath(new URL(`../${name}${ending}`, import.meta.url));
}
