import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from "node:fs";

/** So much of a file is looked at: secrets are small, and what lies in a container may be endless. */
const largest = 4 * 1024 * 1024;

/**
 * Looks at one file inside a container, from the host, as root. The container chooses what lies there, so no link is
 * followed on the way: an absolute one would lead to a file of the host. `undefined` when there is no regular file.
 */
export function statInContainer(pid: number, path: string): Stats | undefined {
  return isDirect(pid, path) ? statOf(inContainer(pid, path)) : undefined;
}

/** The text of a regular file inside a container; undefined when there is none or it is too large. */
export function readInContainer(pid: number, path: string): string | undefined {
  return isDirect(pid, path) ? readRegular(inContainer(pid, path)) : undefined;
}

/** Names in a folder inside a container; empty when there is none. */
export function listInContainer(pid: number, path: string): readonly string[] {
  if (!isDirect(pid, path)) return [];
  try {
    return readdirSync(inContainer(pid, path));
  } catch {
    return [];
  }
}

/** The text of a regular file, without waiting for a pipe or a device; undefined for anything else, or a large one. */
export function readRegular(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile() || found.size > largest) return undefined;
    const bytes = Buffer.alloc(largest);
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, largest, 0));
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function inContainer(pid: number, path: string): string {
  return `/proc/${pid}/root${path}`;
}

/** Whether every folder on the way is a folder and not a link. */
function isDirect(pid: number, path: string): boolean {
  const parts = path.split("/").filter((part) => part !== "");
  if (!path.startsWith("/") || parts.includes("..")) return false;
  return parts.every((_, index) => {
    const found = statOf(inContainer(pid, `/${parts.slice(0, index + 1).join("/")}`));
    return found !== undefined && !found.isSymbolicLink() && (index === parts.length - 1 || found.isDirectory());
  });
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
