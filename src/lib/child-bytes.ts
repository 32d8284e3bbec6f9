import { spawn } from "node:child_process";
import { RingwallError } from "./error.ts";

export interface BytesResult {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs one program, never through a shell, in the environment given and no other, and gives all that it wrote. Rejects with
 * a `RingwallError`: `not-found` when the program is not there, `too-large` when it writes more than `largest` bytes.
 */
export type RunBytes = (
  command: string,
  args: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly folder: string;
    readonly input?: string;
    readonly largest: number;
  },
) => Promise<BytesResult>;

/** What is kept of the other stream, for a message. */
const keptErrors = 4_000;

export const runBytes: RunBytes = (command, args, { environment, folder, input, largest }) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: folder, env: { ...environment }, stdio: ["pipe", "pipe", "pipe"] });
    const parts: Buffer[] = [];
    let length = 0;
    let errors = "";
    child.stdout.on("data", (part: Buffer) => {
      length += part.length;
      if (length > largest) child.kill("SIGKILL");
      else parts.push(part);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-keptErrors);
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      reject(
        new RingwallError(missing ? "not-found" : "permission", `The program \`${command}\` cannot be started.`, {
          hint: missing ? `Install it, or put it into PATH.` : `The system says ${error.code ?? "nothing more"}.`,
          cause: error,
        }),
      );
    });
    child.on("close", (code) => {
      if (length > largest) {
        const limit = Math.round(largest / 1024 ** 2);
        reject(new RingwallError("too-large", `\`${command}\` gives more than ${limit} MiB; that is not read.`));
      } else resolve({ code: code ?? undefined, stdout: Buffer.concat(parts), stderr: errors });
    });
    child.stdin.end(input ?? "");
  });
