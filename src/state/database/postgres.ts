import type { Pool, PoolClient } from "pg";
import { RingwallError } from "../../lib/error.ts";
import type { Database, SqlValue } from "./database.ts";
import { migrate } from "./migrate.ts";
import { postgresFailure } from "./postgres-failure.ts";

/** A PostgreSQL database, and what only its own kind of lock and job needs. */
export interface PostgresDatabase extends Database {
  readonly kind: "postgres";
  readonly url: string;
  /** The server and database as messages name them, without the password. */
  readonly place: string;
  /** Runs work on one connection of its own. */
  withSession<T>(work: (session: PoolClient) => Promise<T>): Promise<T>;
}

/** OID of `bigint` (pg_type.dat): what Ringwall keeps in one fits a number. */
const int8 = 20;

/** One number for all Ringwalls: whoever holds it brings the schema up to date. */
const migrationLock = 7_164_239_811;

/** Connects to PostgreSQL (13 or newer) and brings the schema `ringwall` up to date. The driver is loaded only now. */
export async function openPostgres(url: string): Promise<PostgresDatabase> {
  const place = placeOf(url);
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: 10_000,
    application_name: "ringwall",
    options: "-c search_path=ringwall -c lock_timeout=15s",
    types: {
      getTypeParser: (oid, format) =>
        oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A connection that breaks while nobody uses it is no failure: the next statement takes another.
  pool.on("error", () => undefined);
  const db = postgresOver(pool, url, place);
  try {
    await migrate(db, place, async (inside) => {
      await inside.run("select pg_advisory_xact_lock(?)", [migrationLock]);
      await inside.run("create schema if not exists ringwall");
    });
    return db;
  } catch (error) {
    await db.close();
    throw postgresFailure(place, error);
  }
}

function placeOf(url: string): string {
  try {
    // libpq's form for a socket, `postgres://user@/name?host=/run/postgresql`, is no URL as WHATWG has it.
    const { hostname, port, pathname, searchParams } = new URL(url.replace("@/", "@localhost/"));
    const host = searchParams.get("host") ?? hostname;
    return `The database ${pathname.slice(1)} on ${host}${port === "" ? "" : `:${port}`}`;
  } catch {
    throw new RingwallError("invalid", "DATABASE_URL is no address of a database.", {
      hint: "It looks like postgres://user@host:5432/name.",
    });
  }
}

function postgresOver(pool: Pool, url: string, place: string): PostgresDatabase {
  const failing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw postgresFailure(place, error);
    }
  };
  const withSession = async <T>(work: (session: PoolClient) => Promise<T>): Promise<T> => {
    const session = await failing(() => pool.connect());
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    session.on("error", onError);
    try {
      // What the work throws is its own: a refused connection to some other server is none of the database's.
      return await work(session);
    } finally {
      session.off("error", onError);
      session.release(broken);
    }
  };
  return {
    kind: "postgres",
    url,
    place,
    withSession,
    ...statementsOver(pool, failing),
    transaction: (work) => withSession((session) => inTransaction(session, failing, work)),
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

type Failing = <T>(work: () => Promise<T>) => Promise<T>;

function statementsOver(runner: Pool | PoolClient, failing: Failing): Pick<Database, "run" | "all"> {
  return {
    run: (sql, params = []) =>
      failing(async () => ({ changes: (await runner.query(numbered(sql), [...params])).rowCount ?? 0 })),
    all: <T>(sql: string, params: readonly SqlValue[] = []) =>
      failing(async () => (await runner.query(numbered(sql), [...params])).rows as T[]),
  };
}

async function inTransaction<T>(session: PoolClient, failing: Failing, work: (db: Database) => Promise<T>): Promise<T> {
  const within: Database = {
    kind: "postgres",
    ...statementsOver(session, failing),
    transaction: (inner) => inner(within),
    close: async () => undefined,
  };
  await failing(() => session.query("begin"));
  try {
    const result = await work(within);
    await failing(() => session.query("commit"));
    return result;
  } catch (error) {
    await session.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** `?` as PostgreSQL numbers its parameters. Ringwall's own statements hold no `?` besides. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${++count}`);
}
