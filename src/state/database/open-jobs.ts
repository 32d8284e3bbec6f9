import type { Database } from "./database.ts";
import type { Jobs } from "./jobs.ts";
import { LocalJobs } from "./local-jobs.ts";
import type { PostgresDatabase } from "./postgres.ts";
import type { SqliteFile } from "./sqlite.ts";

/** Locks and jobs as the database allows: its own on SQLite, advisory locks and pg-boss on PostgreSQL. */
export async function openJobs(
  db: Database,
  options: { readonly onError?: (error: unknown) => void } = {},
): Promise<Jobs> {
  if (isFile(db)) return new LocalJobs(db, options);
  if (!isPostgres(db)) throw new Error("jobs need a database that was opened, not one within a transaction");
  const { PostgresJobs } = await import("./postgres-jobs.ts");
  return new PostgresJobs(db, options);
}

function isFile(db: Database): db is SqliteFile {
  return db.kind === "sqlite" && "path" in db;
}

function isPostgres(db: Database): db is PostgresDatabase {
  return db.kind === "postgres" && "withSession" in db;
}
