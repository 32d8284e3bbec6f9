import { AsyncLocalStorage } from "node:async_hooks";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { makePrivateFile } from "../../lib/file-lock.ts";
import type { Database, SqlValue } from "./database.ts";
import { migrate } from "./migrate.ts";
import { isBusy, sqliteFailure } from "./sqlite-failure.ts";

/** A SQLite database, and where it lies. */
export interface SqliteFile extends Database {
  readonly kind: "sqlite";
  readonly path: string;
}

export interface SqliteOptions {
  /** How long a statement waits for other processes. */
  readonly patience?: number;
}

/** Opens a SQLite file in WAL mode, every commit on the disk before it is told; makes it (0600), and brings it up to date. */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<SqliteFile> {
  // SQLite gives its `-wal` and `-shm` the mode of the file itself, so that one is made first.
  await makePrivateFile(path);
  const patience = options.patience ?? 10_000;
  let opened: DatabaseSync | undefined;
  try {
    const raw = new DatabaseSync(path, { timeout: 0 });
    opened = raw;
    await patiently(patience, () => raw.exec("pragma journal_mode = wal"));
    raw.exec("pragma synchronous = full; pragma foreign_keys = on");
    const db = new SqliteDatabase(raw, path, patience);
    await migrate(db, path, async () => undefined);
    return db;
  } catch (error) {
    opened?.close();
    throw sqliteFailure(path, error);
  }
}

/** Tries again for so many milliseconds while another process is in the way, without blocking this one. */
async function patiently<T>(patience: number, work: () => T): Promise<T> {
  const end = performance.now() + patience;
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
      await sleep(pause);
    }
  }
}

class SqliteDatabase implements SqliteFile {
  readonly kind = "sqlite";
  readonly #raw: DatabaseSync;
  readonly path: string;
  readonly #patience: number;
  readonly #statements = new Map<string, StatementSync>();
  /** Ends when the statement or transaction that came last has ended: one connection can do one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #inside = new AsyncLocalStorage<true>();

  constructor(raw: DatabaseSync, path: string, patience: number) {
    this.#raw = raw;
    this.path = path;
    this.#patience = patience;
  }

  run(sql: string, params: readonly SqlValue[] = []) {
    return this.#alone(() => this.#run(sql, params));
  }

  all<T>(sql: string, params: readonly SqlValue[] = []): Promise<T[]> {
    return this.#alone(() => this.#all<T>(sql, params));
  }

  transaction<T>(work: (db: Database) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      await patiently(this.#patience, () => this.#raw.exec("begin immediate"));
      try {
        const result = await this.#inside.run(true, () => work(this.#handle()));
        this.#raw.exec("commit");
        return result;
      } catch (error) {
        // A full disk has ended the transaction by itself.
        if (this.#raw.isTransaction) this.#raw.exec("rollback");
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    if (this.#raw.isOpen) this.#raw.close();
  }

  /** The database as the work within a transaction sees it. */
  #handle(): Database {
    const within: Database = {
      kind: "sqlite",
      run: (sql, params = []) => this.#failing(() => this.#run(sql, params)),
      all: <T>(sql: string, params: readonly SqlValue[] = []) => this.#failing(() => this.#all<T>(sql, params)),
      transaction: (work) => work(within),
      close: async () => undefined,
    };
    return within;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside.getStore() === true) {
      throw new Error("within a transaction, its own database must be used: the outer one would wait for ever");
    }
    const mine = this.#last.then(() => this.#failing(work));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #failing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw sqliteFailure(this.path, error);
    }
  }

  async #run(sql: string, params: readonly SqlValue[]): Promise<{ changes: number }> {
    const { changes } = await patiently(this.#patience, () => this.#prepared(sql).run(...params));
    return { changes: Number(changes) };
  }

  async #all<T>(sql: string, params: readonly SqlValue[]): Promise<T[]> {
    const rows = await patiently(this.#patience, () => this.#prepared(sql).all(...params));
    return rows.map((row) => ({ ...row }) as T);
  }

  #prepared(sql: string): StatementSync {
    const found = this.#statements.get(sql);
    if (found !== undefined) return found;
    const made = this.#raw.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}
