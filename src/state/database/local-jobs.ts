import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { machineProcesses, type ProcessTable } from "../operation-lock.ts";
import { nextTime } from "./cron.ts";
import type { Database } from "./database.ts";
import type { EnqueueOptions, Job, Jobs } from "./jobs.ts";
import { withLocalLock } from "./local-lock.ts";
import type { SqliteFile } from "./sqlite.ts";

export interface LocalJobsOptions {
  readonly processes?: ProcessTable;
  readonly now?: () => Date;
  /** Milliseconds between two looks for work. */
  readonly interval?: number;
  /** Told of a failure of the queue itself, such as a full disk; the next look is made all the same. */
  readonly onError?: (error: unknown) => void;
}

interface JobRow {
  readonly id: string;
  readonly data: string;
  readonly attempts: number;
  readonly retries: number;
}

interface ActiveRow {
  readonly id: string;
  readonly pid: number;
  readonly started: string | null;
  readonly host: string;
  readonly claimed_at: string;
}

/** How long a job of another machine or container, whose processes cannot be looked at, is left to it. */
const patience = 3_600_000;

/** Jobs in the state's own database, worked on by the processes that share it. No server, no threads: each looks for work. */
export class LocalJobs implements Jobs {
  readonly #db: SqliteFile;
  readonly #processes: ProcessTable;
  readonly #now: () => Date;
  readonly #interval: number;
  readonly #onError: (error: unknown) => void;
  readonly #stopping = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(db: SqliteFile, options: LocalJobsOptions = {}) {
    this.#db = db;
    this.#processes = options.processes ?? machineProcesses;
    this.#now = options.now ?? (() => new Date());
    this.#interval = options.interval ?? 1_000;
    this.#onError = options.onError ?? (() => undefined);
  }

  withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    return withLocalLock(this.#db, join(dirname(this.#db.path), "locks"), name, work);
  }

  async enqueue(queue: string, data: Job["data"], options: EnqueueOptions = {}): Promise<string | null> {
    return add(this.#db, queue, JSON.stringify(data), this.#now(), options);
  }

  async handle(queue: string, worker: (job: Job) => Promise<void>): Promise<void> {
    this.#loops.push(this.#loop(queue, worker));
  }

  async schedule(queue: string, cron: string, data: Job["data"] = {}): Promise<void> {
    const next = nextTime(cron, this.#now()).toISOString();
    // The same schedule told again, as every start of the daemon does, keeps the time that is due.
    await this.#db.run(
      `insert into schedules (queue, cron, data, next_at) values (?, ?, ?, ?)
       on conflict (queue) do update set data = excluded.data, cron = excluded.cron,
         next_at = case when schedules.cron = excluded.cron then schedules.next_at else excluded.next_at end`,
      [queue, cron, JSON.stringify(data), next],
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #loop(queue: string, worker: (job: Job) => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#enqueueDue(queue);
        while (!this.#stopping.signal.aborted && (await this.#workOnNext(queue, worker)));
      } catch (error) {
        this.#onError(error);
      }
      await sleep(this.#interval, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** What was due while nobody looked is enqueued once, not once for each time that was missed. */
  async #enqueueDue(queue: string): Promise<void> {
    const now = this.#now();
    await this.#db.transaction(async (inside) => {
      const [due] = await inside.all<{ cron: string; data: string }>(
        "select cron, data from schedules where queue = ? and next_at <= ?",
        [queue, now.toISOString()],
      );
      if (due === undefined) return;
      await add(inside, queue, due.data, now, { key: "schedule" });
      await inside.run("update schedules set next_at = ? where queue = ?", [
        nextTime(due.cron, now).toISOString(),
        queue,
      ]);
    });
  }

  async #workOnNext(queue: string, worker: (job: Job) => Promise<void>): Promise<boolean> {
    const row = await this.#claim(queue);
    if (row === undefined) return false;
    let failed = false;
    try {
      await worker({ id: row.id, queue, data: JSON.parse(row.data) });
    } catch {
      failed = true;
    }
    if (failed && row.attempts < row.retries) await this.#tryAgain(row);
    else {
      await this.#db.run("update jobs set state = ? where id = ?", [failed ? "failed" : "done", row.id]);
    }
    return true;
  }

  /** Takes the job that has waited longest, or one whose process died. */
  #claim(queue: string): Promise<JobRow | undefined> {
    return this.#db.transaction(async (inside) => {
      await this.#freeAbandoned(inside, queue);
      const [row] = await inside.all<JobRow>(
        `select id, data, attempts, retries from jobs where queue = ? and state in ('waiting', 'again') and run_at <= ?
         order by run_at, made_at limit 1`,
        [queue, this.#now().toISOString()],
      );
      if (row === undefined) return undefined;
      const started = (await this.#processes.started(this.#processes.self)) ?? null;
      await inside.run(
        "update jobs set state = 'active', pid = ?, started = ?, host = ?, claimed_at = ? where id = ?",
        [this.#processes.self, started, hostname(), this.#now().toISOString(), row.id],
      );
      return row;
    });
  }

  async #freeAbandoned(inside: Database, queue: string): Promise<void> {
    const active = await inside.all<ActiveRow>(
      "select id, pid, started, host, claimed_at from jobs where queue = ? and state = 'active'",
      [queue],
    );
    for (const row of active) {
      if (await this.#isGone(row)) await inside.run("update jobs set state = 'again' where id = ?", [row.id]);
    }
  }

  async #isGone({ pid, started, host, claimed_at }: ActiveRow): Promise<boolean> {
    if (host !== hostname()) return this.#now().getTime() - Date.parse(claimed_at) > patience;
    const now = await this.#processes.started(pid);
    if (now === undefined) return true;
    return now !== null && started !== null && now !== started;
  }

  /** After 1, 2, 4 … seconds, at most an hour. */
  async #tryAgain(row: JobRow): Promise<void> {
    const pause = Math.min(1_000 * 2 ** row.attempts, 3_600_000);
    await this.#db.run("update jobs set state = 'again', attempts = ?, run_at = ? where id = ?", [
      row.attempts + 1,
      new Date(this.#now().getTime() + pause).toISOString(),
      row.id,
    ]);
  }
}

async function add(
  db: Database,
  queue: string,
  data: string,
  now: Date,
  options: EnqueueOptions,
): Promise<string | null> {
  const id = randomUUID();
  const { changes } = await db.run(
    `insert into jobs (id, queue, job_key, data, run_at, state, attempts, retries, made_at)
     values (?, ?, ?, ?, ?, 'waiting', 0, ?, ?) on conflict do nothing`,
    [
      id,
      queue,
      options.key ?? null,
      data,
      (options.after ?? now).toISOString(),
      options.retries ?? 2,
      now.toISOString(),
    ],
  );
  return changes === 0 ? null : id;
}
