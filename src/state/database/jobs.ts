/** A job as its worker gets it. */
export interface Job {
  readonly id: string;
  readonly queue: string;
  /** Plain data; never a secret value. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EnqueueOptions {
  /** Not before this moment. */
  readonly after?: Date;
  /** While a job of the same queue and key waits, another is not added. */
  readonly key?: string;
  /** How often it is tried again when the worker throws; 2 when left out. */
  readonly retries?: number;
}

/**
 * Locks and jobs. In process with SQLite by default; on PostgreSQL advisory locks, and jobs by pg-boss. Workers must be
 * safe to run twice: a job whose process died is given to another.
 */
export interface Jobs {
  /**
   * Runs the work while holding the named lock, across processes. Throws `conflict` at once, saying who, when it is held. A
   * lock of a process that has died is taken over. Throws `conflict` afterwards when the lock was lost meanwhile.
   */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Resolves with the job's id, or null when one with that key waits already. */
  enqueue(queue: string, data: Job["data"], options?: EnqueueOptions): Promise<string | null>;
  /** Has this process work on a queue, one job at a time, until `stop`. */
  handle(queue: string, worker: (job: Job) => Promise<void>): Promise<void>;
  /** Enqueues at the times of a cron expression (five fields, UTC), once however many processes there are. */
  schedule(queue: string, cron: string, data?: Job["data"]): Promise<void>;
  /** Ends the work of this process: what runs is waited for. */
  stop(): Promise<void>;
}
