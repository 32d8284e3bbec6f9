/**
 * A client that never tries again: so many requests a second, each on a connection of its own or over kept ones, until
 * standard input ends. Then it prints what happened as one line of JSON. Independent of Ringwall: it imports none of it,
 * and reads the credential as the service does whose file it is given.
 *
 * Arguments: `postgres FILE RATE ADDRESS` reads a libpq service file and connects to the address, since the host's
 * resolver does not know the stack's names; `mqtt FILE RATE PORT` reads `user\npassword` and connects to loopback;
 * `http URL RATE` asks over keep-alive connections and new ones in turn, whatever the name, on loopback.
 */
import { readFileSync, statSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import mqtt from "mqtt";
import pg from "pg";

export interface LoadResult {
  readonly sent: number;
  readonly failed: number;
  /** The first few reasons, without any value. */
  readonly reasons: readonly string[];
  readonly slowestMs: number;
  /** How often a new credential was taken up. */
  readonly changes: number;
}

interface Load {
  /** One request; rejects when it failed. `fresh` asks for a connection of its own. */
  once(fresh: boolean): Promise<void>;
  close(): Promise<void>;
  readonly changes: () => number;
}

const [kind = "", target = "", rate = "50", where = ""] = process.argv.slice(2);
await run(await open(), Number(rate));

function open(): Promise<Load> | Load {
  if (kind === "postgres") return postgresLoad(target, where);
  if (kind === "mqtt") return mqttLoad(target, Number(where));
  return httpLoad(target);
}

async function run(load: Load, perSecond: number): Promise<void> {
  const seen = { sent: 0, failed: 0, slowestMs: 0, reasons: [] as string[] };
  const open = new Set<Promise<void>>();
  const begin = performance.now();
  let going = true;
  process.stdin.on("end", () => {
    going = false;
  });
  process.stdin.resume();
  while (going) {
    const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
    for (; seen.sent < due; seen.sent++) {
      const start = performance.now();
      const one = load
        // Signing in costs the server far more than a request does: one in ten is on a connection of its own.
        .once(seen.sent % 10 === 0)
        .catch((error: unknown) => {
          seen.failed++;
          if (seen.reasons.length < 10) seen.reasons.push(reasonOf(error));
        })
        .finally(() => {
          seen.slowestMs = Math.max(seen.slowestMs, performance.now() - start);
          open.delete(one);
        });
      open.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(open);
  await load.close();
  const result: LoadResult = { ...seen, slowestMs: Math.round(seen.slowestMs), changes: load.changes() };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error ? String(error.code) : error.name;
  return `${code}: ${error.message.slice(0, 120)}`;
}

/** A pool that is renewed when the service file changes: the old one ends when what it runs has ended. */
function postgresLoad(file: string, host: string): Load {
  const connection = () => {
    const entries = readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => {
        const at = line.indexOf("=");
        return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
      });
    const { port: at, dbname, user, password } = Object.fromEntries(entries);
    return { host, port: Number(at), database: dbname, user, password };
  };
  const poolOf = () => {
    const pool = new pg.Pool({ ...connection(), max: 10, idleTimeoutMillis: 0 });
    pool.on("error", () => undefined);
    return pool;
  };
  let written = statSync(file).mtimeMs;
  let pool = poolOf();
  let changes = 0;
  const ending: Promise<void>[] = [];
  const renew = () => {
    const now = statSync(file).mtimeMs;
    if (now === written) return;
    written = now;
    changes++;
    ending.push(pool.end());
    pool = poolOf();
  };
  return {
    async once(fresh) {
      renew();
      if (!fresh) return void (await pool.query("SELECT 1"));
      const client = new pg.Client(connection());
      await client.connect();
      await client.query("SELECT 1");
      await client.end();
    },
    async close() {
      await pool.end();
      await Promise.all(ending);
    },
    changes: () => changes,
  };
}

/** One client that stays, renewed when the file changes, and new ones; each request is a message that the broker takes. */
async function mqttLoad(file: string, at: number): Promise<Load> {
  const connect = async () => {
    const [username = "", password = ""] = readFileSync(file, "utf8").trim().split("\n");
    const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${at}`, {
      username,
      password,
      rejectUnauthorized: false,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
    });
    client.on("error", () => undefined);
    return client;
  };
  let written = statSync(file).mtimeMs;
  const lasting = () => {
    const client = connect();
    // Whoever waits for it is told; until then a failure must not count as unheard.
    client.catch(() => undefined);
    return client;
  };
  let kept = lasting();
  let changes = 0;
  const renew = () => {
    const now = statSync(file).mtimeMs;
    if (now === written) return;
    written = now;
    changes++;
    const old = kept;
    kept = lasting();
    // What was handed to the old one is let through first.
    setTimeout(() => void old.then((client) => client.endAsync()).catch(() => undefined), 1_000);
  };
  return {
    async once(fresh) {
      renew();
      const client = fresh ? await connect() : await kept;
      await client.publishAsync("sensors/load", "1", { qos: 1 });
      if (fresh) await client.endAsync();
    },
    close: async () => (await kept).endAsync(),
    changes: () => changes,
  };
}

function loopback(...[_name, options, callback]: Parameters<LookupFunction>): void {
  if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
}

function httpLoad(address: string): Load {
  const url = new URL(address);
  const tls = url.protocol === "https:";
  const options = { keepAlive: true, maxSockets: 20 };
  const kept = tls ? new TlsAgent({ ...options, rejectUnauthorized: false }) : new Agent(options);
  const ask = (fresh: boolean) =>
    new Promise<void>((resolve, reject) => {
      const given = {
        agent: fresh ? false : kept,
        rejectUnauthorized: false,
        timeout: 10_000,
        lookup: loopback,
      } as const;
      const sent = (tls ? tlsRequest : httpRequest)(url, given, (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
        response.on("error", reject);
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
      sent.on("error", reject);
      sent.end();
    });
  return { once: ask, close: async () => kept.destroy(), changes: () => 0 };
}
