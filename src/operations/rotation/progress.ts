import type { JournalRecord } from "../../state/journal.ts";

export type Fact = string | number | boolean | null;

/** How the rotation of one secret stands when nothing more is to be done in this operation. */
export type Settled = "done" | "retiring" | "undone";

/**
 * How far an operation has come with one secret, as its journal tells. Steps are named `SECRET:PHASE`; notes of the same
 * step are laid over one another, the latest last.
 */
export class SecretProgress {
  readonly secret: string;
  readonly #started = new Set<string>();
  readonly #done = new Set<string>();
  #facts: Readonly<Record<string, Fact>> = {};

  constructor(secret: string) {
    this.secret = secret;
  }

  apply(record: Pick<JournalRecord, "kind"> & { readonly step?: string; readonly data?: Record<string, Fact> }): void {
    if (record.kind === "step-started") this.#started.add(phaseOf(record.step));
    if (record.kind === "step-done") this.#done.add(phaseOf(record.step));
    if (record.kind === "note") this.#facts = { ...this.#facts, ...record.data };
  }

  hasStarted(phase: string): boolean {
    return this.#started.has(phase);
  }

  isDone(phase: string): boolean {
    return this.#done.has(phase);
  }

  /** Phases whose step began, by how their names begin. */
  startedLike(prefix: string): readonly string[] {
    return [...this.#started].filter((phase) => phase.startsWith(prefix));
  }

  get begun(): boolean {
    return this.#started.size > 0;
  }

  fact(name: string): Fact | undefined {
    return this.#facts[name];
  }

  text(name: string): string | undefined {
    const value = this.#facts[name];
    return typeof value === "string" ? value : undefined;
  }

  /** From here on the store may hold the new value, and the only way is forward. */
  get committing(): boolean {
    return this.hasStarted("commit");
  }

  get undoing(): boolean {
    return this.#facts.undoing === true;
  }

  get settled(): Settled | undefined {
    const value = this.#facts.settled;
    return value === "done" || value === "retiring" || value === "undone" ? value : undefined;
  }
}

export function stepId(secret: string, phase: string): string {
  return `${secret}:${phase}`;
}

export function secretOfStep(step: string): string {
  return step.split(":", 1)[0] ?? "";
}

function phaseOf(step: string | undefined): string {
  return step === undefined ? "" : step.slice(step.indexOf(":") + 1);
}

/** The progress of each secret that a journal tells of, in the order in which they began. */
export function progressOf(records: readonly JournalRecord[]): Map<string, SecretProgress> {
  const all = new Map<string, SecretProgress>();
  for (const record of records) {
    if (!("step" in record)) continue;
    const name = secretOfStep(record.step);
    const progress = all.get(name) ?? new SecretProgress(name);
    progress.apply(record);
    all.set(name, progress);
  }
  return all;
}
