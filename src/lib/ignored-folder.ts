import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeFileAtomic } from "./atomic-write.ts";

/** Makes a private folder (0700) that keeps all of itself out of Git, wherever it lies. One that is there keeps its mode. */
export async function makeIgnoredFolder(path: string): Promise<void> {
  await makeFolder(path, 0o700);
  const ignore = join(path, ".gitignore");
  const written = await readFile(ignore, "utf8").catch(() => undefined);
  if (written?.split("\n").includes("*") !== true) await writeFileAtomic(ignore, "*\n", { mode: 0o600 });
}
