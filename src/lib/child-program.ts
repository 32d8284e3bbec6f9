import { spawn } from "node:child_process";
import { RingwallError } from "./error.ts";
import type { ProgramOptions, ProgramResult, RunProgram } from "./run-program.ts";

/** What is kept of each stream; the rest is dropped from the front. */
const keptCharacters = 4 * 1024 * 1024;

/** Runs programs as children of this process, in the environment given, to which a call may add. */
export function childPrograms(environment: Readonly<Record<string, string | undefined>>): RunProgram {
  return (command, args, options = {}) => runChild(command, args, options, { ...environment, ...options.environment });
}

function runChild(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
  env: NodeJS.ProcessEnv,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      stdio: ["pipe", "pipe", "pipe"],
      env,
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
    });
    const stdout = new Gathered("stdout", options);
    const stderr = new Gathered("stderr", options);
    let interrupted: string | undefined;
    const end = (why: string) => {
      interrupted ??= why;
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
    };
    const timer =
      options.timeout === undefined
        ? undefined
        : setTimeout(() => end(`did not end within ${Math.round((options.timeout ?? 0) / 1000)} s`), options.timeout);
    const onAbort = () => end("was interrupted");
    if (options.signal?.aborted === true) onAbort();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.add(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.add(text));
    child.on("spawn", () => child.pid !== undefined && options.onStart?.(child.pid));
    // A program that ends before it has read its input is judged by its exit code, not by the broken pipe.
    child.stdin.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(startFailure(command, options, error));
    });
    child.on("close", (code, signal) => {
      settle();
      if (interrupted !== undefined) reject(new RingwallError("interrupted", `\`${command}\` ${interrupted}.`));
      else resolve(resultOf(code, signal, stdout.finish(), stderr.finish()));
    });
    child.stdin.end(options.input ?? "");
  });
}

function resultOf(code: number | null, signal: string | null, stdout: string, stderr: string): ProgramResult {
  return { code: code ?? undefined, signal: signal ?? undefined, stdout, stderr };
}

function startFailure(command: string, options: ProgramOptions, error: NodeJS.ErrnoException): RingwallError {
  if (error.code === "ENOENT") {
    const where = options.folder === undefined ? "" : `, or the folder ${options.folder} is gone`;
    return new RingwallError("not-found", `The program \`${command}\` is not installed${where}.`, { cause: error });
  }
  return new RingwallError("permission", `The program \`${command}\` cannot be started (${error.code ?? "unknown"}).`, {
    cause: error,
  });
}

/** One output stream: its text up to the cap, and its lines as they come. */
class Gathered {
  readonly #stream: "stdout" | "stderr";
  readonly #onLine: ProgramOptions["onLine"];
  #text = "";
  #rest = "";

  constructor(stream: "stdout" | "stderr", options: ProgramOptions) {
    this.#stream = stream;
    this.#onLine = options.onLine;
  }

  add(text: string): void {
    this.#text = (this.#text + text).slice(-keptCharacters);
    if (this.#onLine === undefined) return;
    const lines = (this.#rest + text).split("\n");
    this.#rest = (lines.pop() ?? "").slice(-keptCharacters);
    for (const line of lines) this.#onLine(line, this.#stream);
  }

  finish(): string {
    if (this.#rest !== "") this.#onLine?.(this.#rest, this.#stream);
    this.#rest = "";
    return this.#text;
  }
}
