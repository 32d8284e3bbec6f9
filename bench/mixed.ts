/**
 * How fast `ringwall check` is over a repository of mixed formats, how its time and memory grow, and where the time goes,
 * beside checkov and compose-lint in the same run on what they read.
 *
 *     node bench/mixed.ts [--lines N] [--files N] [--corpus FOLDER …] [--limit SECONDS] [--peers FOLDER] [--no-peers] [--write]
 *
 * Each row is a whole process. The repository of mixed formats is written by `mixed-repository.ts`; beside it stand files
 * that others wrote, as many copies as it takes: a cluster (Flux, Kustomize, Cilium, Talos) and 80 Compose projects where
 * the shared corpus is there, or the folders that are named. With --write the result is kept in docs/proofs/bench-mixed.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildPackage } from "../tools/build.ts";
import { writeCopies } from "./copies.ts";
import { type MeasuredRun, measure } from "./measure.ts";
import { type MixedRepository, writeMixedRepository } from "./mixed-repository.ts";
import { installMixedPeers } from "./peers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "130000" },
    files: { type: "string", default: "50000" },
    corpus: {
      type: "string",
      multiple: true,
      default: ["home-ops", "compose"]
        .map((name) => join(root, "../shared/corpus", name))
        .filter((path) => existsSync(path)),
    },
    limit: { type: "string", default: "900" },
    peers: { type: "string", default: join(tmpdir(), "ringwall-bench-peers") },
    "no-peers": { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const limitMs = Number(values.limit) * 1000;
const titleWidth = 50;
const printed: string[] = [];
const say = (text: string): void => {
  printed.push(text);
  console.log(text);
};

const scratch = mkdtempSync(join(tmpdir(), "ringwall-mixed-"));
try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const busy = loadavg()[0] ?? 0;
  const built = join(scratch, "package");
  await buildPackage(built);
  const program = join(built, "bin", "ringwall.js");
  const one = writeMixedRepository(join(scratch, "one"), 1);
  const sites = Math.ceil(Number(values.lines) / one.lines);
  say(
    `${"".padEnd(titleWidth)}${["files", "lines", "seconds", "cpu s", "lines/s", "fastest", "lines/s", "peak MB"].map((head) => head.padStart(10)).join("")}`,
  );
  for (const [title, count, runs] of [
    ["a quarter of it", Math.ceil(sites / 4), 15],
    [`mixed formats, ${sites} sites`, sites, 15],
    ["four times it", sites * 4, 3],
    [`${values.files} files`, Math.ceil(Number(values.files) / one.files), 1],
  ] as const) {
    const folder = join(scratch, `sites-${count}`);
    const mixed = writeMixedRepository(folder, count);
    // As in a clone that has lain there: else a report's own `fsync` waits for the files that were just written.
    execFileSync("sync");
    row(title, mixed, await measure(check(program, folder), folder, { runs, limitMs }));
    if (count === sites) await beside(program, folder, mixed);
    rmSync(folder, { recursive: true, force: true });
  }
  await others(program);
  if (values.write) keep(busy);
}

function check(program: string, folder: string): readonly string[] {
  const output = join(scratch, "out.json");
  return [process.execPath, program, "check", folder, "--format", "json", "--output", output];
}

/** The peers on the same files, each on what it reads, and Ringwall on that alone. */
async function beside(program: string, folder: string, mixed: MixedRepository): Promise<void> {
  say("");
  say("where the time goes (ringwall check --timings):");
  const timings = await measure([...check(program, folder), "--timings"], folder, { runs: 1, limitMs });
  say(timings.stderr.trim());
  if (!values["no-peers"]) {
    say("");
    say("beside others, the same files in the same run:");
    const only = join(scratch, "compose-only");
    for (const peer of installMixedPeers(values.peers)) {
      if ("missing" in peer) {
        say(`${peer.name.padEnd(titleWidth)}  left out: ${peer.missing}`);
        continue;
      }
      const whole = peer.reads === "all";
      const ours = whole ? folder : composeCopy(folder, mixed, only);
      const own = await measure(check(program, ours), ours, { runs: 3, limitMs });
      const theirs = await measure(peer.command(whole ? ["."] : mixed.compose), folder, { runs: 1, limitMs });
      if (theirs.stopped) say(`${peer.name.padEnd(titleWidth)}  stopped after ${values.limit} s`);
      else if (theirs.exitCode !== 0 && theirs.exitCode !== 1)
        say(
          `${peer.name.padEnd(titleWidth)}  ended with ${theirs.exitCode}: ${theirs.stderr.trim().split("\n").at(-1)}`,
        );
      else {
        const times = (theirs.milliseconds / own.milliseconds).toFixed(1);
        say(
          `${peer.name.padEnd(titleWidth)}${(theirs.milliseconds / 1000).toFixed(2).padStart(10)} s, ringwall ${(own.milliseconds / 1000).toFixed(2)} s: ${times} times`,
        );
      }
    }
  }
  say("");
}

/** The files of others. */
async function others(program: string): Promise<void> {
  if (values.corpus.length === 0) return say("files of others: left out, the shared corpus is not there\n");
  const folder = join(scratch, "others");
  const written = writeCopies(values.corpus, folder, Number(values.lines));
  execFileSync("sync");
  const names = values.corpus.map((path) => basename(path)).join(" and ");
  const run = await measure(check(program, folder), folder, { runs: 15, limitMs });
  row(`files of others: ${names}, ${written.copies} copies`, written, run);
  rmSync(folder, { recursive: true, force: true });
}

/** The Compose files alone, so that both read the same. */
function composeCopy(folder: string, { compose }: MixedRepository, target: string): string {
  for (const file of compose) {
    mkdirSync(join(target, file, ".."), { recursive: true });
    execFileSync("cp", [join(folder, file), join(target, file)]);
  }
  return target;
}

function row(title: string, { files, lines }: Pick<MixedRepository, "files" | "lines">, run: MeasuredRun): void {
  if (run.stopped || (run.exitCode !== 0 && run.exitCode !== 1)) {
    say(`${title.padEnd(titleWidth)}  ${run.stopped ? "stopped" : `ended with ${run.exitCode}: ${run.stderr}`}`);
    process.exitCode = 1;
    return;
  }
  const cells = [
    String(files),
    String(lines),
    (run.milliseconds / 1000).toFixed(2),
    run.cpuMilliseconds === undefined ? "-" : (run.cpuMilliseconds / 1000).toFixed(2),
    String(Math.round((lines / run.milliseconds) * 1000)),
    (run.fastestMilliseconds / 1000).toFixed(2),
    String(Math.round((lines / run.fastestMilliseconds) * 1000)),
    run.peakBytes === undefined ? "-" : (run.peakBytes / 1e6).toFixed(0),
  ];
  say(`${title.padEnd(titleWidth)}${cells.map((cell) => cell.padStart(10)).join("")}`);
}

function keep(busy: number): void {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "tools", "bin") !== "";
  const page = [
    "# How fast `check` is over mixed formats",
    "",
    "Written by `npm run bench:mixed -- --write`; do not edit. Each row is a whole process: the median of fifteen runs and the",
    "fastest of them, which other guests of the host disturb least (of four times it three, of the last row one), with every",
    "default control on and secrets looked for; lines are those of all files, prose too.",
    "",
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Commit: ${git("rev-parse", "HEAD")}${changed ? ", with changes that are not committed" : ""}`,
    `- Machine: ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    `- Node.js: ${process.version}`,
    `- Load (runnable processes, one minute) before the first run: ${busy.toFixed(2)}`,
    "",
    "```text",
    printed.join("\n").trim(),
    "```",
    "",
  ];
  mkdirSync(join(root, "docs", "proofs"), { recursive: true });
  writeFileSync(join(root, "docs", "proofs", "bench-mixed.md"), page.join("\n"));
}
