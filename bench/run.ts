/**
 * How fast `ringwall check` is, beside its peers and beside reading and parsing alone, in one run on one machine.
 *
 *     node bench/run.ts [--files N] [--runs N] [--limit SECONDS] [--peers FOLDER] [--no-peers] [--no-render] [--write]
 *
 * A program that takes longer than --limit (60) is stopped, and the row says so. Every row is a whole process, from its start to its end. Lines are those of the Compose files, the same for every
 * program. The corpus is ../shared/corpus/compose beside the repository; without it there is nothing to measure. With
 * --write the result is kept in docs/proofs/bench.md too, with the date, the commit, the machine and how busy it was.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";
import { buildPackage } from "../tools/build.ts";
import { measure, type ProcessRun } from "./measure.ts";
import { installPeers, type Peer } from "./peers.ts";
import { benchRender, declarationOf, renderTable } from "./render.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const corpus = join(root, "..", "shared", "corpus", "compose", "examples");

interface Work {
  readonly name: string;
  readonly folder: string;
  /** Compose files, relative to the folder. */
  readonly files: readonly string[];
  readonly lines: number;
  readonly runs: number;
}

interface Row {
  readonly program: string;
  readonly run: ProcessRun | { readonly missing: string };
}

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "5000" },
    runs: { type: "string", default: "5" },
    limit: { type: "string", default: "60" },
    peers: { type: "string", default: join(tmpdir(), "ringwall-bench-peers") },
    "no-peers": { type: "boolean", default: false },
    "no-render": { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

/** All that was printed, for --write. */
const printed: string[] = [];

function say(text: string): void {
  printed.push(text);
  console.log(text);
}

const scratch = mkdtempSync(join(tmpdir(), "ringwall-bench-"));
try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main(): Promise<void> {
  if (!existsSync(corpus)) {
    console.error("The corpus is not here (../shared/corpus/compose beside the repository): nothing to measure.");
    process.exitCode = 2;
    return;
  }
  const busyBefore = loadavg()[0] ?? 0;
  say(`${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}\n`);
  const peers = values["no-peers"] ? [] : installPeers(values.peers);
  const built = join(scratch, "package");
  await buildPackage(built);
  const parseOnly = await bundled(join(root, "bench/parse-only.ts"), join(scratch, "parse-only.js"));
  for (const work of works()) await table(work, peers, { check: join(built, "bin", "ringwall.js"), parseOnly });
  if (!values["no-render"]) {
    await renderProcess(join(built, "bin", "ringwall.js"));
    say("From the text of a declaration to its rendered files, in this process, median of 5, milliseconds");
    say(`${renderTable(benchRender([50, 500, 5000]))}\n`);
  }
  if (values.write) keep(busyBefore);
}

/** `ringwall render` as a person runs it: the whole process, files written. */
async function renderProcess(program: string): Promise<void> {
  const folder = join(scratch, "stack");
  mkdirSync(folder);
  writeFileSync(join(folder, "stack.yaml"), declarationOf(500));
  const run = await measure([process.execPath, program, "render", folder], folder, { runs: 5, limitMs: 60_000 });
  const told = run.exitCode === 0 ? `${(run.milliseconds / 1000).toFixed(3)} s` : `ended with ${run.exitCode}`;
  say(`ringwall render (bundle) of 500 services, whole process: ${told}\n`);
}

/** The result as a dated page, so that a figure elsewhere can point to where it comes from. */
function keep(busyBefore: number): void {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "tools", "bin") !== "";
  const page = [
    "# How fast `check` and `render` are",
    "",
    "Written by `npm run bench -- --write`; do not edit. Each row is a whole process, the median of several runs after",
    "one that is not counted, with the highest peak of memory of all runs. `× bundle` is the time beside the first row.",
    "",
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Commit: ${git("rev-parse", "HEAD")}${changed ? ", with changes that are not committed" : ""}`,
    `- Machine: ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    `- Node.js: ${process.version}`,
    `- Load (runnable processes, one minute) before the first run: ${busyBefore.toFixed(2)}`,
    "",
    "```text",
    printed.slice(1).join("\n").trim(),
    "```",
    "",
  ];
  mkdirSync(join(root, "docs", "proofs"), { recursive: true });
  writeFileSync(join(root, "docs", "proofs", "bench.md"), page.join("\n"));
}

/** One program and what it imports as one file, so that the time to strip types is not part of what is compared. */
async function bundled(input: string, file: string): Promise<string> {
  const bundle = await rolldown({ input, platform: "node", logLevel: "warn" });
  await bundle.write({ file, format: "esm" });
  await bundle.close();
  return file;
}

/** The corpus, the corpus many times over, and one small file. */
function* works(): Generator<Work> {
  const runs = Math.max(1, Number(values.runs));
  const files = composeFilesIn(corpus);
  yield work(`the corpus (${files.length} files)`, corpus, files, runs);
  const wanted = Math.max(files.length, Number(values.files));
  const big = join(scratch, "many");
  const copies = Math.ceil(wanted / files.length);
  for (let copy = 0; copy < copies; copy++) cpSync(corpus, join(big, `copy-${copy}`), { recursive: true });
  const all = composeFilesIn(big);
  yield work(`the corpus ${copies} times (${all.length} files)`, big, all, Math.min(runs, 3));
  const [small = ""] = files.filter((file) => file.startsWith("caddy/"));
  cpSync(join(corpus, small), join(scratch, "one", "compose.yaml"));
  yield work("one small file", join(scratch, "one"), ["compose.yaml"], runs);
}

function work(name: string, folder: string, files: readonly string[], runs: number): Work {
  const lines = files.reduce((sum, file) => sum + readFileSync(join(folder, file), "utf8").split("\n").length, 0);
  return { name, folder, files, lines, runs };
}

function composeFilesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

async function table(
  work: Work,
  peers: readonly Peer[],
  programs: { readonly check: string; readonly parseOnly: string },
): Promise<void> {
  say(`${work.name}: ${work.lines} lines`);
  const rows: Row[] = [];
  const add = async (program: string, command: readonly string[]) => {
    rows.push({ program, run: await finished(command, work) });
  };
  await add("ringwall check (bundle)", [process.execPath, programs.check, "check", work.folder]);
  await add("ringwall check (sources)", [process.execPath, join(root, "bin/ringwall.js"), "check", work.folder]);
  await add("reading and parsing alone", [process.execPath, programs.parseOnly, work.folder]);
  for (const peer of peers) {
    if ("missing" in peer) rows.push({ program: peer.name, run: { missing: `left out: ${peer.missing}` } });
    else await add(peer.name, peer.command(work.files));
  }
  print(rows, work.lines);
}

/** 0 and 1 are verdicts; anything else is a program that did not do its work, and no measurement. */
async function finished(command: readonly string[], { folder, runs }: Work): Promise<Row["run"]> {
  const run = await measure(command, folder, { runs, limitMs: Number(values.limit) * 1000 });
  if (run.stopped) return { missing: `stopped after ${values.limit} s` };
  if (run.exitCode === 0 || run.exitCode === 1) return run;
  return { missing: `ended with ${run.exitCode}: ${run.stderr.trim().split("\n").at(-1) ?? ""}` };
}

function print(rows: readonly Row[], lines: number): void {
  const first = rows[0]?.run;
  const reference = first !== undefined && "milliseconds" in first ? first.milliseconds : undefined;
  say(
    `${"".padEnd(28)}${["seconds", "cpu s", "lines/s", "peak MB", "× bundle"].map((head) => head.padStart(10)).join("")}`,
  );
  for (const { program, run } of rows) {
    if ("missing" in run) {
      say(`${program.padEnd(28)}  ${run.missing}`);
      continue;
    }
    const cells = [
      (run.milliseconds / 1000).toFixed(3),
      run.cpuMilliseconds === undefined ? "-" : (run.cpuMilliseconds / 1000).toFixed(2),
      String(Math.round((lines / run.milliseconds) * 1000)),
      run.peakBytes === undefined ? "-" : (run.peakBytes / 1e6).toFixed(0),
      reference === undefined ? "-" : (run.milliseconds / reference).toFixed(2),
    ];
    say(`${program.padEnd(28)}${cells.map((cell) => cell.padStart(10)).join("")}`);
  }
  say("");
}
