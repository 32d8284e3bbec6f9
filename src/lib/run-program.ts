/** What a program gave back when it ended. */
export interface ProgramResult {
  /** The exit code, or undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly input?: string;
  readonly folder?: string;
  /** Variables beside those that the runner was made with. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the program is ended. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Told once, when the program runs. */
  readonly onStart?: (pid: number) => void;
  /** Each whole line of either stream as it comes; for progress. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

/**
 * Runs one program with arguments, never through a shell. Resolves whatever the exit code is; rejects with a
 * `RingwallError` of code `not-found` when the program is not there and `interrupted` when time ran out or the
 * signal came. No secret may stand in `args`.
 */
export type RunProgram = (command: string, args: readonly string[], options?: ProgramOptions) => Promise<ProgramResult>;
