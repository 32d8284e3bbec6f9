/** What an operation tells while it runs; the terminal, the journal and later the ledger listen. */
export type OperationEvent =
  | { readonly kind: "step-started"; readonly step: string; readonly title: string }
  | { readonly kind: "step-progress"; readonly step: string; readonly text: string }
  | { readonly kind: "step-done"; readonly step: string; readonly milliseconds: number }
  | { readonly kind: "step-failed"; readonly step: string; readonly message: string }
  | { readonly kind: "step-skipped"; readonly step: string; readonly why: string };

/**
 * One step of an operation. `run` may be called again after a crash at any point within it and must then
 * finish what was begun; it never undoes what an earlier call completed.
 */
export interface Step {
  readonly id: string;
  readonly title: string;
  run(report: (text: string) => void): Promise<void>;
  /** Takes back what `run` did, when the operation fails later; absent where nothing is to be taken back. */
  undo?(): Promise<void>;
}

export interface Operation {
  /** `up`, `down`, `rotate`. */
  readonly name: string;
  readonly stack: string;
  readonly steps: readonly Step[];
}
