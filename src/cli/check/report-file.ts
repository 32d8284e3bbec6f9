import { open, realpath, stat } from "node:fs/promises";
import { writeContent, writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";
import { isSystemError } from "../../lib/system-error.ts";

/**
 * Writes a report: whole or not at all, and through a link to where it leads. What is there and is no regular file
 * (`/dev/stderr`, a pipe) is written to and not replaced.
 */
export async function writeReportFile(path: string, parts: Iterable<string>): Promise<void> {
  const there = await kindOf(path);
  if (there === "other") await append(path, parts);
  else await writeFileAtomic(there === "file" ? await realpath(path) : path, parts, { mode: 0o644 });
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

async function kindOf(path: string): Promise<"file" | "other" | "nothing"> {
  try {
    return (await stat(path)).isFile() ? "file" : "other";
  } catch {
    return "nothing";
  }
}
