import { access, chmod, constants, lstat } from "node:fs/promises";
import { join } from "node:path";
import { writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { readOnDisk } from "./located-files.ts";
import type { WorkingFile } from "./working-file.ts";

/**
 * Writes one changed file: whole or not at all, with its mode and owner as they were unless they are what changes. Throws
 * a `RingwallError` when it is not as it was when the change was planned, or cannot be written without losing something.
 */
export async function writeFixed(file: WorkingFile): Promise<void> {
  const { at, onDisk, mode } = file;
  const path = join(at.folder, at.path);
  const now = readOnDisk(at);
  if (now !== undefined && "why" in now) throw refusal(file, now.why);
  if (!sameBytes(now?.bytes, onDisk?.bytes) || now?.mode !== onDisk?.mode) throw refusal(file, "it changed meanwhile");
  if (now !== undefined && now.links > 1) throw refusal(file, "it has several names (hard links), which would part");
  if (!file.textChanged) {
    await changeMode(path, mode, at.shown);
    return;
  }
  const owner = await ownerToKeep(path, file);
  await writeFileAtomic(path, file.bytes, { mode, ...(owner === undefined ? {} : { owner }) });
}

async function changeMode(path: string, mode: number, shown: string): Promise<void> {
  try {
    if ((await lstat(path)).isFile()) await chmod(path, mode);
  } catch (error) {
    throw writeFailure(shown, error);
  }
}

/** The owner to give to the file that takes its place; undefined where it gets that owner anyway. */
async function ownerToKeep(
  path: string,
  file: WorkingFile,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  const { onDisk } = file;
  if (onDisk === undefined || process.getuid === undefined || process.getgid === undefined) return undefined;
  try {
    await access(path, constants.W_OK);
  } catch {
    throw refusal(file, "this user may not write it");
  }
  const { uid, gid } = onDisk;
  const me = process.getuid();
  if (uid === me && gid === process.getgid()) return undefined;
  if (uid !== me && me !== 0) throw refusal(file, "it belongs to another user, and would become yours");
  return { uid, gid };
}

function refusal(file: WorkingFile, why: string): RingwallError {
  return new RingwallError("conflict", `${file.at.shown} is not changed: ${why}.`, {
    hint: "Nothing of it was written. Run the command again, or make the change by hand.",
  });
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}
