import { type FileHandle, open, readdir, readFile, truncate } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { syncFolder, writeFailure } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";
import { codeOf } from "../lib/system-error.ts";

/** What this Ringwall writes; a journal of a higher version is left alone. */
export const journalVersion = 1;

const fact = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const recordSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("begun"),
    at: z.string(),
    /** Absent in journals of the first version. */
    version: z.number().int().positive().optional(),
    id: z.string(),
    operation: z.string(),
    stack: z.string(),
    steps: z.array(z.string()),
    /** The interrupted operation that this one takes up. */
    takesUp: z.string().optional(),
    /** What was asked for, as far as taking it up again needs it; no value. */
    request: z.record(z.string(), z.union([fact, z.array(z.string())])).optional(),
  }),
  z.object({ kind: z.literal("step-started"), at: z.string(), step: z.string() }),
  z.object({ kind: z.literal("step-done"), at: z.string(), step: z.string() }),
  /** A program that a step has started: it may outlive a process that is killed. */
  z.object({
    kind: z.literal("program"),
    at: z.string(),
    step: z.string(),
    pid: z.number().int().positive(),
    started: z.string().nullable(),
  }),
  z.object({ kind: z.literal("step-failed"), at: z.string(), step: z.string(), message: z.string() }),
  /** What a step found or decided and that it needs again after a crash; never a secret value. */
  z.object({ kind: z.literal("note"), at: z.string(), step: z.string(), data: z.record(z.string(), fact) }),
  /** The same operation goes on in another process. */
  z.object({ kind: z.literal("resumed"), at: z.string() }),
  z.object({ kind: z.literal("ended"), at: z.string(), outcome: z.enum(["done", "failed"]) }),
]);

/** One line of a journal. Times are ISO 8601 in UTC. Holds no secret value. */
export type JournalRecord = z.infer<typeof recordSchema>;
export type BegunRecord = Extract<JournalRecord, { kind: "begun" }>;

/** An operation that began and never ended: its process was killed, or the machine stopped. */
export interface Unfinished {
  readonly begun: BegunRecord;
  readonly done: readonly string[];
  /** The step that ran when it stopped; undefined between two steps. */
  readonly during: string | undefined;
  /** Programs that its steps started; some may still run. */
  readonly programs: readonly Extract<JournalRecord, { kind: "program" }>[];
}

/** The journal of one running operation: a file of JSON lines, each on the disk before `append` resolves. */
export class Journal {
  readonly id: string;
  readonly path: string;
  readonly #file: FileHandle;
  readonly #now: () => Date;
  readonly #afterAppend: AfterAppend | undefined;

  private constructor(id: string, path: string, file: FileHandle, now: () => Date, afterAppend?: AfterAppend) {
    this.id = id;
    this.path = path;
    this.#file = file;
    this.#now = now;
    this.#afterAppend = afterAppend;
  }

  /** Opens a new journal and writes its first record. `afterAppend` is for tests that stop the process there. */
  static async begin(
    folder: string,
    begun: Omit<BegunRecord, "kind" | "at" | "version">,
    now: () => Date,
    afterAppend?: AfterAppend,
  ): Promise<Journal> {
    const path = join(folder, `${begun.id}.jsonl`);
    try {
      const journal = new Journal(begun.id, path, await open(path, "ax", 0o600), now, afterAppend);
      try {
        await journal.append({ kind: "begun", version: journalVersion, ...begun });
      } catch (error) {
        await journal.close();
        throw error;
      }
      await syncFolder(folder);
      return journal;
    } catch (error) {
      throw error instanceof RingwallError ? error : writeFailure(path, error);
    }
  }

  /** Opens the journal of an operation that goes on; a last line that a crash cut short is taken off first. */
  static async reopen(path: string, now: () => Date, afterAppend?: AfterAppend): Promise<Journal> {
    try {
      const bytes = await readFile(path);
      const whole = bytes.lastIndexOf(0x0a) + 1;
      if (whole < bytes.length) await truncate(path, whole);
      const id = basename(path, ".jsonl");
      const journal = new Journal(id, path, await open(path, "a", 0o600), now, afterAppend);
      try {
        await journal.append({ kind: "resumed" });
      } catch (error) {
        await journal.close();
        throw error;
      }
      return journal;
    } catch (error) {
      throw error instanceof RingwallError ? error : writeFailure(path, error);
    }
  }

  async append(record: WithoutTime<JournalRecord>): Promise<void> {
    await this.#write(record);
    await this.#afterAppend?.(record);
  }

  async #write(record: WithoutTime<JournalRecord>): Promise<void> {
    try {
      await this.#file.appendFile(`${JSON.stringify({ ...record, at: this.#now().toISOString() })}\n`);
      await this.#file.datasync();
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  async end(outcome: "done" | "failed"): Promise<void> {
    await this.append({ kind: "ended", outcome });
    await this.close();
  }

  /** Lets go of the file and writes nothing: an operation that did not end stays unfinished. May be called again. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Told of each record when it is on the disk. */
export type AfterAppend = (record: WithoutTime<JournalRecord>) => Promise<void> | void;

type WithoutTime<R> = R extends unknown ? Omit<R, "at"> : never;

/** `up-20261121T124502123-9f3a1c`: sorts by time; used in names of what the operation makes. */
export function operationId(operation: string, now: Date, random: Uint8Array): string {
  const stamp = now.toISOString().slice(0, 23).replace(/[-:.]/g, "");
  return `${operation}-${stamp}-${Buffer.from(random).toString("hex").slice(0, 6)}`;
}

/**
 * The records of one journal. A last line without its newline was cut short by a crash and is left out, whatever it
 * seems to say: `reopen` takes it off. Any other bad line is an error.
 */
export async function readJournal(path: string): Promise<readonly JournalRecord[]> {
  const lines = (await readText(path)).split("\n").slice(0, -1);
  const records: JournalRecord[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const record = parseRecord(line, path);
    if (record !== undefined) records.push(record);
    else {
      throw new RingwallError("invalid", `${path}:${index + 1}: this line is no record of a journal.`, {
        hint: "The journal was changed by hand or the disk is damaged; take it from a backup. An unfinished rotation is known from it alone: move it away only when none is.",
      });
    }
  }
  return records;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): RingwallError {
  const code = codeOf(error) ?? "unknown error";
  if (code !== "EACCES" && code !== "EPERM") {
    return new RingwallError("unreadable", `${path} cannot be read (${code}).`, { cause: error });
  }
  return new RingwallError("permission", `${path} cannot be read: this user has no permission.`, {
    hint: "It belongs to whoever ran the operations of this stack: run this command as that user, or as root.",
    cause: error,
  });
}

function parseRecord(line: string, path: string): JournalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  refuseNewer(value, path);
  const parsed = recordSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** Asked before the record is read: a newer version may have changed what it holds. */
function refuseNewer(value: unknown, path: string): void {
  const begun = z.object({ kind: z.literal("begun"), version: z.number() }).safeParse(value);
  if (!begun.success || begun.data.version <= journalVersion) return;
  throw new RingwallError(
    "unsupported",
    `${path} was written by a newer version of Ringwall (journals of version ${begun.data.version}; this one reads ${journalVersion}).`,
    { hint: "Use that version to finish what it began; nothing was changed." },
  );
}

/**
 * The operation that was interrupted last, when nothing has ended well since; undefined otherwise.
 * An operation that failed and said so is not interrupted.
 */
export async function findUnfinished(folder: string): Promise<Unfinished | undefined> {
  // A rotation is taken up by itself alone, whatever came after it (`findOpenJournals`).
  const names = (await journalNames(folder)).filter((name) => !name.startsWith("rotate-"));
  const latest = names.at(-1);
  if (latest === undefined) return undefined;
  const records = await readJournal(join(folder, latest));
  const begun = records[0];
  if (begun?.kind !== "begun" || records.some((record) => record.kind === "ended")) return undefined;
  const done = records.flatMap((record) => (record.kind === "step-done" ? [record.step] : []));
  const started = records.findLast((record) => record.kind === "step-started");
  const programs = records.filter((record) => record.kind === "program");
  return {
    begun,
    done,
    during: started !== undefined && !done.includes(started.step) ? started.step : undefined,
    programs,
  };
}

/**
 * The journals of operations of one name that have not ended, the oldest first: those whose process was killed, and those
 * that were left open because something is still to be done.
 */
export async function findOpenJournals(
  folder: string,
  operation: string,
): Promise<readonly { readonly path: string; readonly records: readonly JournalRecord[] }[]> {
  const open: { path: string; records: readonly JournalRecord[] }[] = [];
  for (const name of await journalNames(folder)) {
    if (!name.startsWith(`${operation}-`)) continue;
    const path = join(folder, name);
    const records = await readJournal(path);
    if (records[0]?.kind === "begun" && records.at(-1)?.kind !== "ended") open.push({ path, records });
  }
  return open;
}

/** The journals of a folder from the oldest to the newest, by the time in their names. */
async function journalNames(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
    return names.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  } catch (error) {
    const code = codeOf(error);
    // Where a file stands in the folder's place, whoever prepares the folder says so.
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw cannotRead(folder, error);
  }
}

function timeOf(name: string): string {
  return name.slice(name.indexOf("-") + 1);
}
