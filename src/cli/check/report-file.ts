import type { Stats } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { writeContent, writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";
import { isSystemError } from "../../lib/system-error.ts";

/**
 * Writes a report: whole or not at all, and through a link to where it leads. What is there and is no regular file
 * (`/dev/stderr`, a pipe) is written to and not replaced. A file that is there keeps its mode: a report tells which doors
 * are open, and who may read it was decided.
 */
export async function writeReportFile(path: string, parts: Iterable<string>): Promise<void> {
  const there = await statsOf(path);
  if (there === undefined) await writeFileAtomic(path, parts, { mode: 0o644 });
  else if (there.isFile()) await writeFileAtomic(await realpath(path), parts, { mode: there.mode & 0o777 });
  else await append(path, parts);
}

async function append(path: string, parts: Iterable<string>): Promise<void> {
  try {
    const file = await open(path, "a");
    try {
      await writeContent(file, parts);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw isSystemError(error) ? writeFailure(path, error) : error;
  }
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}
