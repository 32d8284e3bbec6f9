import { appendFile, realpath, stat } from "node:fs/promises";
import { writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";

/**
 * Writes a report: whole or not at all, and through a link to where it leads. What is there and is no regular file
 * (`/dev/stderr`, a pipe) is written to and not replaced.
 */
export async function writeReportFile(path: string, parts: Iterable<string>): Promise<void> {
  const text = [...parts].join("");
  const there = await kindOf(path);
  if (there === "other") {
    try {
      await appendFile(path, text);
    } catch (error) {
      throw writeFailure(path, error);
    }
    return;
  }
  await writeFileAtomic(there === "file" ? await realpath(path) : path, text, { mode: 0o644 });
}

async function kindOf(path: string): Promise<"file" | "other" | "nothing"> {
  try {
    return (await stat(path)).isFile() ? "file" : "other";
  } catch {
    return "nothing";
  }
}
