export interface ProofOptions {
  readonly root: string;
  readonly seed: number;
  readonly minutes: number;
  /** How many processes it may run side by side. */
  readonly jobs: number;
  /** What is proven: the commit, and whether it has changes. */
  readonly commit: string;
  /** ISO 8601. */
  readonly day: string;
}

/** One long proof. */
export interface Proof {
  readonly name: string;
  readonly title: string;
  /** What holds when it finds nothing. */
  readonly claim: string;
  run(options: ProofOptions): Promise<ProofResult>;
}

export type ProofResult =
  | { readonly figures: readonly (readonly [string, string | number])[]; readonly failures: readonly string[] }
  /** Why it could not run here. */
  | { readonly skipped: string };
