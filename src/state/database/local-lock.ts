import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { FileLock } from "../../lib/file-lock.ts";
import type { Database } from "./database.ts";

/** Runs work under a lock of the kernel on a file in a folder. Who holds it is noted in the database, for people. */
export async function withLocalLock<T>(db: Database, folder: string, name: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder, 0o700);
  const lock = await FileLock.open(join(folder, createHash("sha256").update(name).digest("hex").slice(0, 32)));
  try {
    if (!lock.try()) throw await heldBy(db, name);
    await noteHolder(db, name);
    return await work();
  } finally {
    lock.close();
  }
}

/** Notes that this process holds the lock. */
export async function noteHolder(db: Database, name: string): Promise<void> {
  await db.run(
    `insert into locks (name, pid, host, at) values (?, ?, ?, ?)
     on conflict (name) do update set pid = excluded.pid, host = excluded.host, at = excluded.at`,
    [name, process.pid, hostname(), new Date().toISOString()],
  );
}

export async function heldBy(db: Database, name: string): Promise<RingwallError> {
  const [held] = await db.all<{ pid: number; host: string; at: string }>(
    "select pid, host, at from locks where name = ?",
    [name],
  );
  const who = held === undefined ? "another process" : `process ${held.pid} on ${held.host}, since ${held.at}`;
  return new RingwallError("conflict", `"${name}" is being worked on by ${who}.`, {
    hint: "Wait until it ends. The lock is free by itself when that process is gone.",
  });
}
