import { readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { writeFileAtomic } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";
import { withFileLock } from "../lib/file-lock.ts";
import { isAlive } from "../lib/process-alive.ts";
import { codeOf } from "../lib/system-error.ts";

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in the kernel's ticks since boot: a pid alone is used again. Null where unknown. */
  started: z.string().nullable(),
  operation: z.string(),
  at: z.string(),
});
export type LockHolder = z.infer<typeof holderSchema>;

/** What the lock asks about processes. */
export interface ProcessTable {
  readonly self: number;
  /** A text that differs for two processes that had the same pid; null where the system tells none; undefined when no such process runs. */
  started(pid: number): Promise<string | null | undefined>;
}

/** One operation per stack at a time. Held until `release`, or until the process that took it is gone. */
export class OperationLock {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Takes the lock, or throws `conflict` naming who holds it. A lock whose process is gone is taken over. To look who holds
   * it and to take it is one step: a lock of the kernel on the file `PATH.guard`, which stays, keeps all others out of it.
   */
  static async take(path: string, operation: string, processes: ProcessTable, now: Date): Promise<OperationLock> {
    const started = (await processes.started(processes.self)) ?? null;
    const holder: LockHolder = { pid: processes.self, started, operation, at: now.toISOString() };
    const text = JSON.stringify(holder);
    return withFileLock(`${path}.guard`, async () => {
      await assertFree(path, processes);
      await writeFileAtomic(path, text, { mode: 0o600 });
      return new OperationLock(path, text);
    });
  }

  /** Throws `conflict` when somebody has taken the lock away. */
  async assertHeld(): Promise<void> {
    const found = await readFile(this.#path, "utf8").catch(() => undefined);
    if (found === this.#text) return;
    throw new RingwallError("conflict", `The lock ${this.#path} was taken away while the operation ran.`, {
      hint: "See what else works on this stack, then run the command again.",
    });
  }

  async release(): Promise<void> {
    const found = await readFile(this.#path, "utf8").catch(() => undefined);
    if (found === this.#text) await rm(this.#path, { force: true });
  }
}

/** Throws `conflict` when an operation that runs holds the lock, and for a file that is no lock. */
async function assertFree(path: string, processes: ProcessTable): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new RingwallError("permission", `The lock ${path} cannot be read.`, {
      hint: "An operation that root ran may have left it to root: run this command as root too.",
      cause: error,
    });
  });
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder === undefined) {
    throw new RingwallError("conflict", `${path} is no lock of Ringwall.`, {
      hint: "Look at what it is; delete it when no operation runs on this stack.",
    });
  }
  if (await isRunning(holder, processes)) throw heldBy(path, holder);
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function isRunning(holder: LockHolder, processes: ProcessTable): Promise<boolean> {
  const started = await processes.started(holder.pid);
  if (started === undefined) return false;
  return started === null || holder.started === null || started === holder.started;
}

function heldBy(path: string, holder: LockHolder): RingwallError {
  return new RingwallError(
    "conflict",
    `Another operation runs on this stack: \`${holder.operation}\`, process ${holder.pid}, since ${holder.at}.`,
    { hint: `Wait until it ends. Its lock is ${path}; it is given up by itself when that process is gone.` },
  );
}

/** The processes of this machine; start times from `/proc` (proc(5), field 22 of stat), which only Linux has. */
export const machineProcesses: ProcessTable = {
  self: process.pid,
  async started(pid) {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      // The command stands in parentheses and may hold spaces: fields are counted after the last one.
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
    } catch {
      return isAlive(pid) ? null : undefined;
    }
  },
};
