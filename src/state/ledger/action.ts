/** Who did something, as well as this machine can tell. */
export interface Principal {
  /** A person at a terminal, Ringwall's daemon, or a pipeline. */
  readonly kind: "user" | "daemon" | "ci";
  readonly name: string;
  /** The numeric user; of the person behind `sudo`, where there is one. Null where the system has none. */
  readonly uid: number | null;
  /** The machine that it was done from. */
  readonly host: string;
}

/** `begun` stands before what may be interrupted; an action without a later `done` or `failed` was cut off. */
export const actionOutcomes = ["begun", "done", "failed"] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

/**
 * One administrative action: who did what, to what, from where, and how it ended. Never holds a secret value.
 *
 * `before` and `after` are digests (`sha256:` and 64 hexadecimal digits) of the state that was changed. For a secret they
 * are keyed (`LedgerKeys.digest`), so that a reader of the ledger cannot test a guess.
 */
export interface LedgerAction {
  /** ISO 8601 in UTC, by the clock of the machine that holds the ledger. */
  readonly at: string;
  readonly principal: Principal;
  /** A noun and a verb: `secret.set`, `secret.rotate`, `stack.up`, `ledger.witness`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly name: string };
  readonly stack: string | null;
  /** The journal's id of the operation that it belongs to. */
  readonly operation: string | null;
  readonly outcome: ActionOutcome;
  readonly before: string | null;
  readonly after: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

/** An action that is not in the ledger yet: the ledger sets the time. */
export type NewAction = Omit<LedgerAction, "at">;

/** Where actions are recorded. What is appended is on the disk, in the tree and sealed when the promise resolves. */
export interface Ledger {
  /** `index` counts from 0. Rejects with a `RingwallError` when the ledger cannot be written or was tampered with. */
  append(action: NewAction): Promise<{ readonly index: number }>;
  /** Appends all or none, in order, with one write; resolves with the index of the first. */
  appendMany(actions: readonly NewAction[]): Promise<{ readonly index: number }>;
}
