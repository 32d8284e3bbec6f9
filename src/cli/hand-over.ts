import { constants } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { lockFileName } from "../resolve/lock.ts";

/** What commands write beside a stack. */
const written = [".ringwall", "rendered", lockFileName];

/**
 * Runs a command's work, and afterwards, whether it failed or not, gives what root made beside the stack to the owner of
 * the stack's folder: whoever ran `sudo ringwall up` must be able to run `ringwall plan` without. Does nothing for
 * anyone but root, and where the folder is root's own. Only root's own files are given away, none that has a second
 * name elsewhere, and no link is followed.
 */
export async function handingOver<T>(stackFolder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    if (process.getuid?.() === 0) await handOver(stackFolder);
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

async function handOver(stackFolder: string): Promise<void> {
  const owner = await stat(stackFolder).catch(() => undefined);
  if (owner === undefined || owner.uid === 0) return;
  for (const name of written) await give(join(stackFolder, name), owner);
}

/** The folder's content before the folder itself: until then nobody else can exchange what is in it. */
async function give(path: string, owner: Owner): Promise<void> {
  const file = await openOwn(path);
  if (file === undefined) return;
  try {
    const found = await file.stat();
    if (found.isDirectory()) for (const name of await readdir(path)) await give(join(path, name), owner);
    if (found.uid === 0 && (found.isDirectory() || (found.isFile() && found.nlink === 1))) {
      await file.chown(owner.uid, owner.gid);
    }
  } finally {
    await file.close();
  }
}

async function openOwn(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // A link, a socket, or gone meanwhile: nothing that Ringwall wrote.
    return undefined;
  }
}
