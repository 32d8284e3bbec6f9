import { Readable } from "node:stream";
import type { Context, ExitCode, Output } from "./command.ts";

/** An output that keeps what was written. */
export interface MemoryOutput extends Output {
  text(): string;
}

function memoryOutput(isTTY: boolean, columns: number | undefined): MemoryOutput {
  let all = "";
  return {
    write: (text) => {
      all += text;
    },
    isTTY,
    columns,
    text: () => all,
  };
}

export interface MemoryContext extends Context {
  readonly stdout: MemoryOutput;
  readonly stderr: MemoryOutput;
  readonly exitCode: ExitCode | undefined;
  /** What Ctrl-C does. */
  interrupt(): void;
}

/** A context without a process: for tests of commands, and for running one command inside another. */
export function memoryContext(
  given: {
    cwd?: string;
    env?: Readonly<Record<string, string | undefined>>;
    isTTY?: boolean;
    columns?: number;
    now?: Date;
    input?: string;
  } = {},
): MemoryContext {
  const isTTY = given.isTTY ?? false;
  const controller = new AbortController();
  let exitCode: ExitCode | undefined;
  let ticks = 0;
  return {
    stdout: memoryOutput(isTTY, given.columns),
    stderr: memoryOutput(isTTY, given.columns),
    stdin: Readable.from(given.input === undefined ? [] : [given.input]),
    env: given.env ?? {},
    cwd: given.cwd ?? "/",
    now: () => given.now ?? new Date("2026-01-02T03:04:05Z"),
    clock: () => ticks++,
    signal: controller.signal,
    interrupt: () => controller.abort(),
    exit: (code) => {
      exitCode = code;
    },
    get exitCode() {
      return exitCode;
    },
  };
}
