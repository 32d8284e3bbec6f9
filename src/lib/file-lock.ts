import { lstatSync } from "node:fs";
import { open } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFailure } from "./atomic-write.ts";
import { RingwallError } from "./error.ts";
import { codeOf } from "./system-error.ts";

/** SQLite's result codes for "another connection has it" and "the disk is full" (sqlite.org/rescode.html). */
const busy = new Set([5, 6]);
const full = 13;

/**
 * A lock of the kernel on a file, across processes and containers of one machine. It ends with the process that holds it,
 * however that ends, so that it is never left behind. Node offers no such lock itself; SQLite's lock on an empty database
 * is one (sqlite.org/lockingv3.html, "RESERVED"). Nothing else may open the file: closing it would let go of the lock.
 */
export class FileLock {
  readonly #file: DatabaseSync;
  readonly #path: string;

  private constructor(file: DatabaseSync, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Opens the lock's file, 0600, and makes it where it is missing. Holds nothing yet. */
  static async open(path: string): Promise<FileLock> {
    await makePrivateFile(path);
    // Loaded here, since most commands never lock.
    const sqlite = await import("node:sqlite");
    try {
      const file = new sqlite.DatabaseSync(path, { timeout: 0 });
      // Otherwise a lock wants room for a journal, and a full disk could not be locked, nor be cleared by us.
      file.exec("pragma journal_mode=memory");
      return new FileLock(file, path);
    } catch (error) {
      throw new RingwallError("permission", `${path} cannot be opened.`, {
        hint: "An operation that root ran may have left it to root: run this command as root too.",
        cause: error,
      });
    }
  }

  /** Whether the lock is held now by the caller; false when somebody else has it. */
  try(): boolean {
    try {
      this.#file.exec("begin immediate");
      return true;
    } catch (error) {
      const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
      if (code !== undefined && busy.has(code)) return false;
      if (code === full) throw writeFailure(this.#path, Object.assign(new Error(), { code: "ENOSPC" }));
      throw new RingwallError("permission", `${this.#path} cannot be locked.`, {
        hint: "This user must be able to write there, on a file system that is not read-only; the file must be empty.",
        cause: error,
      });
    }
  }

  /** Waits for the lock; throws `conflict` when it is held longer than so many milliseconds. */
  async take(patience: number): Promise<void> {
    const end = performance.now() + patience;
    for (let pause = 1; !this.try(); pause = Math.min(pause * 2, 10)) {
      if (performance.now() > end) {
        throw new RingwallError("conflict", `${this.#path} is held by another process, and stayed so.`, {
          hint: "See what else works on this stack, then run the command again.",
        });
      }
      await sleep(pause);
    }
  }

  release(): void {
    if (this.#file.isTransaction) this.#file.exec("rollback");
  }

  close(): void {
    if (this.#file.isOpen) this.#file.close();
  }
}

/**
 * Does a short piece of work while no other process, and nobody else in this one, does work under the same lock. Throws
 * `conflict` when it was not free for so long. Not reentrant. `path` is made when it is not there, and stays.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, waitMilliseconds = 30_000): Promise<T> {
  const lock = await FileLock.open(path);
  try {
    await lock.take(waitMilliseconds);
    return await work();
  } finally {
    // Ends the transaction too, and so the lock.
    lock.close();
  }
}

/** Makes an empty file for its owner alone where there is none; refuses what is no regular file. */
export async function makePrivateFile(path: string): Promise<void> {
  try {
    await (await open(path, "wx", 0o600)).close();
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw writeFailure(path, error);
    if (lstatSync(path).isFile()) return;
    throw new RingwallError("conflict", `${path} is not a regular file.`, {
      hint: "Ringwall keeps its state there: move what is in its place away.",
    });
  }
}
