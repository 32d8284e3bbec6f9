import type { Stats } from "node:fs";
import { lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { writeContent, writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { isSystemError } from "../../lib/system-error.ts";

/**
 * Writes a report: whole or not at all, and through a link to where it leads. What is there and is no regular file
 * (`/dev/stderr`, a pipe) is written to and not replaced. A file that is there keeps its mode: a report tells which doors
 * are open, and who may read it was decided.
 */
export async function writeReportFile(path: string, parts: Iterable<string>): Promise<void> {
  const there = await statsOf(path);
  if (there === undefined) await writeFileAtomic(await targetOf(path), parts, { mode: 0o644 });
  else if (there.isFile()) await writeFileAtomic(await realpath(path), parts, { mode: there.mode & 0o777 });
  else await append(path, parts);
}

const mostLinks = 40;

/** Where a link leads whose target is not there yet; the path itself where it is no link. */
async function targetOf(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < mostLinks; links++) {
    const stat = await lstat(target).catch(() => undefined);
    if (stat?.isSymbolicLink() !== true) return target;
    const folder = await realpath(dirname(target)).catch(() => dirname(target));
    target = resolve(folder, await readlink(target));
  }
  throw new RingwallError("conflict", `${path} cannot be written: it is a link that leads to itself.`, {
    hint: "Remove the link, or name another place.",
  });
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
