import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ProcessRun {
  /** Of the whole process, from its start to its end. */
  readonly milliseconds: number;
  /** Processor time of all its threads, user and system; undefined where the system does not tell, as below. */
  readonly cpuMilliseconds: number | undefined;
  /** Undefined where the system does not tell (only Linux does here). */
  readonly peakBytes: number | undefined;
  readonly exitCode: number | null;
  /** True when it was stopped because it took longer than it may. */
  readonly stopped: boolean;
  /** The last lines that it wrote to stderr, for saying what went wrong. */
  readonly stderr: string;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs one program to its end, or for as long as it may, with its output thrown away. */
export function runOnce(command: readonly string[], cwd: string, limitMs: number): Promise<ProcessRun> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    // In a group of its own: what it starts itself is stopped with it, and does not keep its stderr open.
    const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"], detached: true });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => {
      stderr = (stderr + data.toString("utf8")).slice(-2_000);
    });
    let peakBytes: number | undefined;
    let cpuMilliseconds: number | undefined;
    let stopped = false;
    const end = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    const limit = setTimeout(() => {
      stopped = true;
      end();
    }, limitMs);
    // A group of its own does not get the Ctrl-C that ends this process.
    const leave = () => {
      end();
      process.exit(130);
    };
    for (const signal of signals) process.once(signal, leave);
    const settle = () => {
      clearInterval(watch);
      clearTimeout(limit);
      for (const signal of signals) process.off(signal, leave);
    };
    const watch = setInterval(() => {
      peakBytes = peakOf(child.pid) ?? peakBytes;
      cpuMilliseconds = cpuOf(child.pid) ?? cpuMilliseconds;
    }, 15);
    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("close", (exitCode) => {
      settle();
      resolve({ milliseconds: performance.now() - started, cpuMilliseconds, peakBytes, exitCode, stopped, stderr });
    });
  });
}

/** The kernel's own high-water mark of a process, which only grows: the last look before its end is the peak. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return match === null ? undefined : Number(match[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** What `/proc` counts in hundredths of a second; the last look before the end misses at most one interval. */
function cpuOf(pid: number | undefined): number | undefined {
  try {
    // The name of the program, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * 10 : undefined;
  } catch {
    return undefined;
  }
}

/** One of several runs, and how long the shortest of them took: what other work on the host adds least to. */
export interface MeasuredRun extends ProcessRun {
  readonly fastestMilliseconds: number;
}

/**
 * The run of median length after one that is not counted, with the highest peak of all. One that has to be stopped is
 * not run again, and is the answer.
 */
export async function measure(
  command: readonly string[],
  cwd: string,
  { runs, limitMs }: { readonly runs: number; readonly limitMs: number },
): Promise<MeasuredRun> {
  const all: ProcessRun[] = [];
  for (let run = runs > 1 ? -1 : 0; run < runs; run++) {
    const one = await runOnce(command, cwd, limitMs);
    if (one.stopped) return { ...one, fastestMilliseconds: one.milliseconds };
    if (run >= 0) all.push(one);
  }
  all.sort((a, b) => a.milliseconds - b.milliseconds);
  const median = all[Math.floor(all.length / 2)];
  if (median === undefined) throw new Error("nothing was run");
  const fastestMilliseconds = all[0]?.milliseconds ?? median.milliseconds;
  const peaks = all.flatMap(({ peakBytes }) => peakBytes ?? []);
  return { ...median, fastestMilliseconds, peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks) };
}
