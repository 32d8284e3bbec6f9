import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RingwallError } from "./error.ts";
import { inPieces } from "./in-pieces.ts";
import { codeOf, isSystemError } from "./system-error.ts";

export interface AtomicWriteOptions {
  /** Octal as a number; the file has it before its first byte is written. */
  readonly mode: number;
  /** Given to the file before it gets its name; needs root unless they are one's own. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Stands in the temporary name, so that what a crash left behind can be found. */
  readonly tag?: string;
}

/** A file's content: whole, or as parts of a text that need not be in memory together. */
export type FileContent = string | Uint8Array | Iterable<string>;

/**
 * Writes a file beside its place and renames it there: after a crash, or on a full disk, the old or the new file is
 * there, whole, and never one that others could read in between. The folder must exist. What the making of a part
 * throws is thrown on.
 */
export async function writeFileAtomic(path: string, content: FileContent, options: AtomicWriteOptions) {
  const tag = options.tag === undefined ? "" : `${options.tag}.`;
  const beside = join(dirname(path), `.${basename(path)}.${tag}${randomBytes(6).toString("hex")}.part`);
  try {
    // `wx` refuses a link that somebody laid in the way.
    const file = await open(beside, "wx", 0o600);
    try {
      await fill(file, content, options);
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw isSystemError(error) ? writeFailure(path, error) : error;
  }
  await syncFolder(dirname(path));
}

async function fill(file: FileHandle, content: FileContent, options: AtomicWriteOptions): Promise<void> {
  if (options.owner !== undefined) await file.chown(options.owner.uid, options.owner.gid);
  // After the owner: a change of owner may clear mode bits. `chmod`, since the process's umask narrows `open`.
  await file.chmod(options.mode);
  await writeContent(file, content);
  await file.sync();
}

/** Writes from where the file stands now. */
export async function writeContent(file: FileHandle, content: FileContent): Promise<void> {
  const whole = typeof content === "string" || content instanceof Uint8Array;
  await file.writeFile(whole ? content : inPieces(content));
}

/** Makes a rename in a folder last over a loss of power. A no-op where folders cannot be opened. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // The rename itself has happened; only its order against a power cut is not promised here.
  }
}

/** Makes a folder and its parents; folders that it makes get the mode, those that are there keep theirs. */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** An error of the file system as a sentence. */
export function writeFailure(path: string, error: unknown): RingwallError {
  const code = codeOf(error) ?? "unknown";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new RingwallError("disk", `${path} cannot be written: the disk is full.`, {
        hint: "What was there before is untouched; free some space and run the command again.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
      return new RingwallError("permission", `${path} cannot be written: permission denied.`, { cause: error });
    case "EROFS":
      return new RingwallError("permission", `${path} cannot be written: the file system is read-only.`, {
        cause: error,
      });
    case "ENOENT":
      // `/proc` and the like are there, and nobody makes files in them.
      if (existsSync(dirname(path))) {
        return new RingwallError("permission", `${path} cannot be written: its folder takes no new file.`, {
          hint: "Name another place.",
          cause: error,
        });
      }
      return new RingwallError("not-found", `${path} cannot be written: its folder does not exist.`, {
        hint: "Make the folder first, or name another place.",
        cause: error,
      });
    case "ENOTDIR":
    case "EEXIST":
      return new RingwallError("conflict", `${path} cannot be written: a file stands where a folder is needed.`, {
        hint: "Move it away, or name another place.",
        cause: error,
      });
    case "EISDIR":
      return new RingwallError("conflict", `${path} cannot be written: it is a folder.`, { cause: error });
    case "ENAMETOOLONG":
      return new RingwallError("disk", `${path.slice(0, 80)}… cannot be written: the name is too long.`, {
        cause: error,
      });
    default:
      return new RingwallError("disk", `${path} cannot be written (${code}).`, { cause: error });
  }
}
