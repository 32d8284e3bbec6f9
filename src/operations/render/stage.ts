import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { RenderedFile } from "../../contracts/platform.ts";
import { syncFolder, writeFailure } from "../../lib/atomic-write.ts";

/** Files that lie whole beside their places. */
export interface StagedFiles {
  /** Renames each to its place. */
  commit(): Promise<void>;
  /** Removes what was not renamed, and the folders made for it. */
  discard(): Promise<void>;
}

interface Staged {
  readonly beside: string;
  readonly path: string;
}

/** Writes files beside their places, making folders as needed. When one cannot be written, none is left. */
export async function stageFiles(folder: string, files: readonly RenderedFile[]): Promise<StagedFiles> {
  const staged: Staged[] = [];
  const made: string[] = [];
  const discard = async () => {
    for (const { beside } of staged) await rm(beside, { force: true }).catch(() => undefined);
    for (const path of made.reverse()) await rmdir(path).catch(() => undefined);
  };
  for (const file of files) {
    const path = join(folder, file.path);
    const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);
    try {
      const first = await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      if (first !== undefined) made.push(...foldersBetween(first, dirname(path)));
      staged.push({ beside, path });
      await writeWhole(beside, file);
    } catch (error) {
      await discard();
      throw writeFailure(path, error);
    }
  }
  return { discard, commit: () => commit(staged) };
}

async function writeWhole(path: string, file: RenderedFile): Promise<void> {
  // `wx` refuses a link that somebody laid in the way.
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.chmod(file.mode);
    await handle.writeFile(file.content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function commit(staged: readonly Staged[]): Promise<void> {
  for (const { beside, path } of staged) {
    try {
      await rename(beside, path);
    } catch (error) {
      throw writeFailure(path, error);
    }
  }
  for (const folder of new Set(staged.map(({ path }) => dirname(path)))) await syncFolder(folder);
}

/** From the outermost that was made to the innermost. */
function foldersBetween(first: string, last: string): string[] {
  const folders = [last];
  while (folders[0] !== first && folders[0] !== undefined && folders[0] !== dirname(folders[0])) {
    folders.unshift(dirname(folders[0]));
  }
  return folders;
}
