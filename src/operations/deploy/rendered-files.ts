import { createHash } from "node:crypto";
import { lstat, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RenderedFile } from "../../contracts/platform.ts";
import { makeFolder, writeFileAtomic } from "../../lib/atomic-write.ts";

/** The rendered files that lie in a folder now, by path; what is no plain file is left out. */
export async function readRendered(
  folder: string,
  files: readonly RenderedFile[],
): Promise<ReadonlyMap<string, { content: string; mode: number }>> {
  const found = new Map<string, { content: string; mode: number }>();
  for (const { path } of files) {
    const stat = await lstat(join(folder, path)).catch(() => undefined);
    if (stat?.isFile() !== true) continue;
    const content = await readFile(join(folder, path), "utf8").catch(() => undefined);
    if (content !== undefined) found.set(path, { content, mode: stat.mode & 0o7777 });
  }
  return found;
}

/** Writes what differs, each file whole or not at all. */
export async function writeRendered(folder: string, files: readonly RenderedFile[], operation: string): Promise<void> {
  const present = await readRendered(folder, files);
  for (const { path, content, mode } of files) {
    const found = present.get(path);
    if (found?.content === content && found.mode === mode) continue;
    await makeFolder(dirname(join(folder, path)), 0o755);
    await writeFileAtomic(join(folder, path), content, { mode, tag: operation });
  }
}

/** Removes files that an earlier `up` wrote, that are rendered no more, and that nobody has changed since. */
export async function removeOutdated(
  folder: string,
  files: readonly RenderedFile[],
  before: Readonly<Record<string, string>>,
): Promise<void> {
  const wanted = new Set(files.map(({ path }) => path));
  for (const [path, hash] of Object.entries(before)) {
    if (wanted.has(path) || path.startsWith("/") || path.split("/").includes("..")) continue;
    const content = await readFile(join(folder, path), "utf8").catch(() => undefined);
    if (content !== undefined && fileHash(content) === hash) await rm(join(folder, path), { force: true });
  }
}

/** SHA-256 in hexadecimal. */
export function fileHash(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
