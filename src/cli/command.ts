/**
 * What a command of the CLI is, and what it is handed.
 *
 * A command lives in `src/cli/commands/<name>.ts`, exports `register`, and has one line in `src/cli/registry.ts`.
 * It takes everything from outside out of its `Context`, so that it is tested without a process.
 */
import type { Command } from "commander";

/**
 * How a command ends (docs/usage.md, "Exit codes"): 0 holds; 1 findings; 2 usage, nothing readable or an invalid
 * declaration; 3 an operation failed; 4 an internal error; 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** Where a command writes. Process streams fit, and so does a buffer in a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY: boolean;
  /** Undefined where the width is not known. */
  readonly columns: number | undefined;
}

/** All that a command gets from outside. */
export interface Context {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** The environment of the person who runs the command. Never used to resolve variables of files that are checked. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The absolute folder that relative arguments start from. */
  readonly cwd: string;
  now(): Date;
  /** Milliseconds of a clock that only goes forward. */
  clock(): number;
  /**
   * Aborted on the first Ctrl-C. From the first time that it is read, Ctrl-C no longer ends the process: whoever reads
   * it finishes or undoes what is under way and returns 130. A second Ctrl-C ends the process at once.
   */
  readonly signal: AbortSignal;
  /** Records how the process is to end; the last call counts. Nothing is cut off. */
  exit(code: ExitCode): void;
}

/** What each file of `src/cli/commands` exports. */
export interface CommandModule {
  /** Adds arguments, options, examples and the action to a command that already has its name and summary. */
  register(command: Command, context: Context): void;
}

/**
 * Wraps what a command does for commander's `action`, so that the number it returns becomes the exit code.
 *
 *     command.argument("[stack]").option("--plan").action(exits(context, async (stack: string | undefined, options: Options) => 0));
 */
export function exits<A extends unknown[]>(
  context: Context,
  run: (...args: A) => ExitCode | Promise<ExitCode>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    context.exit(await run(...args));
  };
}
