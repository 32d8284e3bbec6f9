import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileFailure, failure, openFailure, tooLarge } from "./file-failure.ts";
import type { ViewedFile } from "./folder-view.ts";

/** A file's bytes, text or not. */
export interface RawFile extends ViewedFile {
  readonly ok: true;
}

/** Opening never waits (a FIFO has no writer here) and never follows a link in the last part. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes of a regular file, whole; nothing of one that has more than `cap`. `full` is where it lies on this machine, and
 * `path` what messages call it. The folders above it are for whoever calls to look at.
 */
export function regularFile(full: string, path: string, cap: number): RawFile | FileFailure {
  let descriptor: number;
  try {
    descriptor = openSync(full, openFlags);
  } catch (error) {
    return openFailure(path, error);
  }
  try {
    return bytesOf(path, descriptor, cap);
  } catch (error) {
    return openFailure(path, error);
  } finally {
    closeSync(descriptor);
  }
}

function bytesOf(path: string, descriptor: number, cap: number): RawFile | FileFailure {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    return failure(path, "not-regular", "invalid", `${path} is ${kindOf(stat)}, not a regular file.`);
  }
  if (stat.size > cap) return tooLarge(path, cap);
  // One byte more than it had: a file that grows while it is read is not silently cut.
  const buffer = Buffer.allocUnsafe(stat.size + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (count === 0) break;
    length += count;
    // It was asked for one byte more, and there was none.
    if (length === stat.size) break;
  }
  if (length > stat.size) {
    return failure(path, "unreadable", "unreadable", `${path} changed while it was being read.`);
  }
  const mode = process.platform === "win32" ? undefined : stat.mode & 0o7777;
  return { ok: true, bytes: buffer.subarray(0, length), mode };
}

function kindOf(stat: ReturnType<typeof fstatSync>): string {
  if (stat.isDirectory()) return "a folder";
  if (stat.isFIFO()) return "a pipe";
  if (stat.isSocket()) return "a socket";
  return "a device";
}
