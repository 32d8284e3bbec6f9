import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isSystemError, writeFailure } from "./atomic-write.ts";
import { RingwallError } from "./error.ts";

/** SQLite's result code for a lock that another connection holds (sqlite.org/rescode.html). */
const busy = 5;
const pauseMilliseconds = 15;

/**
 * Does a short piece of work while no other process, and nobody else in this one, does work under the same lock. The
 * lock is one of the operating system's, taken through SQLite on an empty database: it is gone when its process is,
 * however that ended, and nothing has to be cleared away. Throws `conflict` when it was not free for so long.
 *
 * Not reentrant. `path` is made when it is not there, and stays.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, waitMilliseconds = 30_000): Promise<T> {
  await makeFile(path);
  // Loaded here, since most commands never lock.
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    for (let waited = 0; !tryLock(database, path); waited += pauseMilliseconds) {
      if (waited >= waitMilliseconds) {
        throw new RingwallError("conflict", `Another process has held ${path} for ${waitMilliseconds / 1000} s.`, {
          hint: "See what else works on this stack, wait for it, and run the command again.",
        });
      }
      await sleep(pauseMilliseconds);
    }
    return await work();
  } finally {
    // Ends the transaction too, and so the lock.
    database.close();
  }
}

function tryLock(database: { exec(sql: string): void }, path: string): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === busy) return false;
    throw new RingwallError("disk", `The lock ${path} cannot be taken.`, {
      hint: "Look at whether it is an empty file of yours; it may be deleted while nothing runs.",
      cause: error,
    });
  }
}

/** Private from its first moment; SQLite itself would make it as the umask says. */
async function makeFile(path: string): Promise<void> {
  try {
    await (await open(path, "a", 0o600)).close();
  } catch (error) {
    throw isSystemError(error) ? writeFailure(path, error) : error;
  }
}
