import { randomUUID } from "node:crypto";
import type { PgBoss } from "pg-boss";
import { RingwallError } from "../../lib/error.ts";
import type { EnqueueOptions, Job, Jobs } from "./jobs.ts";
import { heldBy, noteHolder } from "./local-lock.ts";
import type { PostgresDatabase } from "./postgres.ts";

/** Half a second is the shortest that pg-boss takes. */
const pollingIntervalSeconds = 1;

/** Advisory locks, which the server gives up when a connection breaks, and jobs by pg-boss, which is loaded when used. */
export class PostgresJobs implements Jobs {
  readonly #db: PostgresDatabase;
  readonly #onError: (error: unknown) => void;
  readonly #queues = new Map<string, Promise<void>>();
  #boss: Promise<PgBoss> | undefined;

  constructor(db: PostgresDatabase, options: { readonly onError?: (error: unknown) => void } = {}) {
    this.#db = db;
    this.#onError = options.onError ?? (() => undefined);
  }

  async withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    const key = "hashtextextended($1, 7164239811)";
    return this.#db.withSession(async (session) => {
      const taken = await session.query(`select pg_try_advisory_lock(${key}) as taken`, [name]);
      if (taken.rows[0]?.taken !== true) throw await heldBy(this.#db, name);
      let result: T;
      try {
        await noteHolder(this.#db, name);
        result = await work();
      } catch (error) {
        await session.query(`select pg_advisory_unlock(${key})`, [name]).catch(() => undefined);
        throw error;
      }
      const freed = await session.query(`select pg_advisory_unlock(${key}) as freed`, [name]).catch(() => undefined);
      if (freed?.rows[0]?.freed !== true) throw lockLost(name);
      return result;
    });
  }

  async enqueue(queue: string, data: Job["data"], options: EnqueueOptions = {}): Promise<string | null> {
    const boss = await this.#queue(queue);
    return boss.send(queue, data, {
      // The queue lets one job of a key wait: one without a key gets its own.
      singletonKey: options.key ?? randomUUID(),
      retryLimit: options.retries ?? 2,
      retryDelay: 1,
      retryBackoff: true,
      ...(options.after === undefined ? {} : { startAfter: options.after }),
    });
  }

  async handle(queue: string, worker: (job: Job) => Promise<void>): Promise<void> {
    const boss = await this.#queue(queue);
    await boss.work<Job["data"]>(queue, { pollingIntervalSeconds, batchSize: 1 }, async (jobs) => {
      for (const { id, data } of jobs) await worker({ id, queue, data: data ?? {} });
    });
  }

  async schedule(queue: string, cron: string, data: Job["data"] = {}): Promise<void> {
    const boss = await this.#queue(queue);
    await boss.schedule(queue, cron, data, { tz: "UTC", singletonKey: "schedule" });
  }

  async stop(): Promise<void> {
    const boss = await this.#boss;
    await boss?.stop({ graceful: true, timeout: 60_000 });
  }

  async #queue(name: string): Promise<PgBoss> {
    this.#boss ??= this.#start();
    const boss = await this.#boss;
    const made =
      this.#queues.get(name) ??
      boss.createQueue(name, { policy: "short", heartbeatSeconds: 30, expireInSeconds: 3_600 });
    this.#queues.set(name, made);
    await made;
    return boss;
  }

  async #start(): Promise<PgBoss> {
    const { PgBoss } = await import("pg-boss");
    const boss = new PgBoss({ connectionString: this.#db.url, schema: "ringwall_jobs", application_name: "ringwall" });
    boss.on("error", this.#onError);
    return boss.start();
  }
}

function lockLost(name: string): RingwallError {
  return new RingwallError("conflict", `The lock of "${name}" was lost while it was worked on: the connection broke.`, {
    hint: "See what else works on this stack, then run the command again.",
  });
}
