import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { System } from "../../src/facts/system.ts";
import { loadComposeProject } from "../../src/platforms/compose/load/load.ts";
import { readComposeProject } from "../../src/platforms/compose/read.ts";
import { ConfinedFiles } from "../../src/repository/files.ts";

/** The facts of one Compose file that is given as text. */
export function composeSystem(text: string, name = "shop"): System {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-controls-"));
  try {
    writeFileSync(join(folder, "compose.yaml"), text);
    const project = loadComposeProject(new ConfinedFiles(folder), ["compose.yaml"], { name });
    if (project instanceof Error) throw project;
    return readComposeProject(project);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
