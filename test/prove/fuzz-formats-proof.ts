import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { inParallel } from "../../src/lib/in-parallel.ts";
import { type FormatResult, type FuzzedFormat, fuzzedFormats } from "./fuzz-formats.ts";
import { type FormatTotal, readTotals, withRun, writeTotals } from "./fuzz-formats-totals.ts";
import type { Proof } from "./proof.ts";

const program = fileURLToPath(new URL("fuzz-formats-child.ts", import.meta.url));

/** What the process of a format said last, and why it ended before its time. */
interface Run {
  readonly said: (FormatResult & { readonly minutes: number }) | undefined;
  readonly why: string | undefined;
}

/**
 * Every format for as many minutes of processor time, several side by side, those first that had the fewest until now.
 * Ended early, it keeps what was found; what its runs make together stands in docs/proofs/fuzz-formats.json.
 */
export const fuzzFormatsProof: Proof = {
  name: "fuzz-formats",
  title: "Fuzzing of every other format",
  claim:
    "Files of each format are changed by their structure and checked with every control. Nothing throws, nothing takes longer than two seconds, and where a control failed, a value that cannot be resolved never lets it pass for the same subject. Minutes and milliseconds are those of the processor.",
  async run({ root, seed, minutes, jobs, commit, day }) {
    const path = join(root, "docs/proofs/fuzz-formats.json");
    const before = readTotals(path);
    const formats = fuzzedFormats(root).toSorted(
      (one, other) => (before[one.slug]?.minutes ?? 0) - (before[other.slug]?.minutes ?? 0),
    );
    const ended = new AbortController();
    const end = (): void => ended.abort();
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, end);
    const runs = await inParallel(formats, jobs, (format) => fuzzed(format, seed, minutes, ended.signal));
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, end);
    const figures: (readonly [string, string | number])[] = [["minutes for each format in this run", minutes]];
    const failures: string[] = [];
    const after: Record<string, FormatTotal> = { ...before };
    for (const [index, format] of formats.entries()) {
      const { said, why } = runs[index] ?? { said: undefined, why: "not run" };
      const total = said === undefined ? before[format.slug] : withRun(before[format.slug], { ...said, commit, day });
      if (total === undefined) delete after[format.slug];
      else after[format.slug] = total;
      figures.push([format.name, told(format, total, why)]);
      if (why !== undefined) failures.push(`${format.name}: ${why}`);
      for (const failure of said?.failures ?? [])
        failures.push(
          `${format.name}: ${failure.oracle}, case seed ${failure.seed}, ${failure.path}\n${failure.detail}\n${failure.text.slice(0, 1_500)}`,
        );
    }
    writeTotals(path, after);
    return { figures, failures };
  },
};

function fuzzed({ slug }: FuzzedFormat, seed: number, minutes: number, signal: AbortSignal): Promise<Run> {
  if (signal.aborted) return Promise.resolve({ said: undefined, why: "not begun before the end" });
  const folder = mkdtempSync(join(tmpdir(), "ringwall-fuzz-"));
  const child = spawn(process.execPath, [program, slug, String(seed), String(minutes), folder], {
    stdio: ["ignore", "pipe", "inherit"],
    signal,
  });
  let last: string | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    last = line;
  });
  return new Promise((resolve) => {
    const end = (why: string | undefined): void => {
      rmSync(folder, { recursive: true, force: true });
      resolve({ said: last === undefined ? undefined : JSON.parse(last), why });
    };
    child.on("error", (error) => end(signal.aborted ? "ended early" : error.message));
    child.on("close", (code, by) => end(code === 0 ? undefined : `its process ended with ${code ?? by}`));
  });
}

function told({ seeds }: FuzzedFormat, total: FormatTotal | undefined, why: string | undefined): string {
  const early = why === undefined ? "" : `; this run: ${why}`;
  if (total === undefined) return `nothing${early}`;
  const { runs, minutes, cases, judged, comparisons, slowestMs, since, day } = total;
  const compared = comparisons === 0 ? "" : `, ${comparisons} compared`;
  return `${minutes.toFixed(1)} minutes in ${runs} ${runs === 1 ? "run" : "runs"} since ${since} (${day}): ${seeds.length} files to start from, ${cases} cases, ${judged} judged${compared}, slowest ${Math.round(slowestMs)} ms${early}`;
}
