/** The process around the CLI: streams, clock, signals and the exit code. Everything else is `runCli`. */
import type { Context, Output } from "./command.ts";
import { runCli } from "./run.ts";

function outputOf(stream: NodeJS.WriteStream): Output {
  let gone = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (gone) return;
    gone = true;
    // A reader that has gone away (`| head`) is no failure: what follows has nobody to read it.
    if (error.code === "EPIPE") return;
    process.exitCode = 3;
    if (stream === process.stdout) {
      const why = error.code === "ENOSPC" ? "the disk is full" : (error.code ?? "unknown");
      process.stderr.write(`ringwall: the output cannot be written: ${why}.\n`);
    }
  });
  return {
    write: (text) => !gone && stream.write(text),
    isTTY: stream.isTTY === true,
    get columns() {
      // A terminal that was told no size says 0: as good as nothing.
      return stream.columns || undefined;
    },
  };
}

function interruptible(): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (controller === undefined) {
      const made = new AbortController();
      controller = made;
      for (const name of ["SIGINT", "SIGTERM"] as const) {
        process.on(name, () => {
          if (made.signal.aborted) process.exit(130);
          made.abort();
        });
      }
    }
    return controller.signal;
  };
}

const signal = interruptible();
const context: Context = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
  clock: () => performance.now(),
  get signal() {
    return signal();
  },
  exit: (code) => {
    // An output that could not be written is not made good by what the command found.
    if (process.exitCode !== 3) process.exitCode = code;
  },
};

await runCli(process.argv.slice(2), context);
