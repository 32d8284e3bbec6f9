import { join } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import type { Database } from "./database.ts";
import { openSqlite } from "./sqlite.ts";

/**
 * The state's database: `state.db` in a state folder that is there (`.ringwall`), or PostgreSQL at a URL, which the
 * command line takes from DATABASE_URL.
 */
export async function openDatabase(where: { readonly folder: string } | { readonly url: string }): Promise<Database> {
  if ("folder" in where) return openSqlite(join(where.folder, "state.db"));
  if (/^postgres(ql)?:\/\//.test(where.url)) return (await import("./postgres.ts")).openPostgres(where.url);
  throw new RingwallError("invalid", "DATABASE_URL names no PostgreSQL.", {
    hint: "It begins with postgres:// or postgresql://; without it the state lies in a file beside the stack.",
  });
}
