import { spawn } from "node:child_process";
import { once } from "node:events";
import { RingwallError } from "./error.ts";

/** A program that runs, and is read while it does. */
export interface StreamedProgram {
  /** What it writes, as it comes. Throws what `ended` rejects with. */
  readonly output: AsyncIterable<Buffer>;
  /** Resolves once the program took it, so that no more is held than fits on the way. */
  write(text: string): Promise<void>;
  /** Says that no more comes. */
  end(): void;
  /** The exit code (undefined for a signal) and the end of what it complained of. */
  readonly ended: Promise<{ readonly code: number | undefined; readonly complaint: string }>;
  /** Ends it at once; what it had written until then can still be read. */
  kill(): void;
}

/**
 * Starts one program, never through a shell, in the environment given and no other. `ended` rejects with a `RingwallError`
 * of code `not-found` when it is not there.
 */
export type StreamProgram = (
  command: string,
  args: readonly string[],
  options: { readonly environment: Readonly<Record<string, string>>; readonly folder: string },
) => StreamedProgram;

const keptComplaint = 4_000;

export const streamProgram: StreamProgram = (command, args, { environment, folder }) => {
  const child = spawn(command, [...args], { cwd: folder, env: { ...environment }, stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-keptComplaint);
  });
  // A program that ends before it has read its input is judged by its exit code, not by the broken pipe.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<{ code: number | undefined; complaint: string }>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => reject(startFailure(command, error)));
    child.on("close", (code) => resolve({ code: code ?? undefined, complaint }));
  });
  // Whoever asks for it hears of a failure; until then it is nobody's unhandled one.
  ended.catch(() => undefined);
  return {
    output: child.stdout,
    write: async (text) => {
      if (!child.stdin.writable || child.stdin.write(text)) return;
      await Promise.race([once(child.stdin, "drain"), ended]).catch(() => undefined);
    },
    end: () => child.stdin.end(),
    ended,
    kill: () => {
      child.stdin.destroy();
      child.kill("SIGKILL");
    },
  };
};

function startFailure(command: string, error: NodeJS.ErrnoException): RingwallError {
  const missing = error.code === "ENOENT";
  return new RingwallError(missing ? "not-found" : "permission", `The program \`${command}\` cannot be started.`, {
    hint: missing ? "Install it, or put it into PATH." : `The system says ${error.code ?? "nothing more"}.`,
    cause: error,
  });
}
