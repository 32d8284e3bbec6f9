/**
 * How fast the ledger is, beside the least that durable writing costs on the same disk, in one run on one machine.
 *
 *     node bench/ledger.ts [--appends N] [--entries N] [--folder DIR] [--write]
 *
 * The floor is a file to which lines are appended with a write and an fdatasync each, and the same in SQLite. Rounds of all
 * take turns, since a disk that others use is fast and slow by the minute. `--folder` must lie on the disk that is meant; it
 * is the system's folder for temporary files otherwise. With --write the result is kept in docs/proofs/bench-ledger.md.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { leafText } from "../src/state/ledger/entry.ts";
import { exportLedger, openExport } from "../src/state/ledger/export.ts";
import { LedgerFile } from "../src/state/ledger/ledger-file.ts";
import { verifyLedger } from "../src/state/ledger/verify.ts";
import { testAction } from "../src/state/testing/ledger-actions.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    appends: { type: "string", default: "1000" },
    entries: { type: "string", default: "1000000" },
    folder: { type: "string", default: tmpdir() },
    write: { type: "boolean", default: false },
  },
});
const appends = Number(values.appends);
const rounds = 5;
const scratch = mkdtempSync(join(values.folder, "ringwall-bench-ledger-"));
const printed: string[] = [];
const say = (text: string) => {
  printed.push(text);
  console.log(text);
};

/** What one append is timed as; gives how many were made. */
interface Contender {
  readonly name: string;
  readonly rates: number[];
  run(): Promise<number>;
  close(): Promise<void>;
}

try {
  say(
    `${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  await benchAppends();
  await benchVerify();
  if (values.write) keep();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function benchAppends(): Promise<void> {
  const contenders = [await plainFile(), await sqlite(), await oneByOne(), await together()];
  for (let round = 0; round < rounds; round++) {
    for (const one of contenders) {
      const start = performance.now();
      const made = await one.run();
      one.rates.push((made / (performance.now() - start)) * 1_000);
    }
  }
  for (const one of contenders) await one.close();
  say(`Durable appends a second, ${rounds} rounds of ${appends} in turn: slowest, median, fastest\n`);
  say("| | slowest | median | fastest |\n|---|---|---|---|");
  for (const { name, rates } of contenders) {
    const sorted = rates.toSorted((a, b) => a - b).map((rate) => Math.round(rate).toLocaleString("en"));
    say(`| ${name} | ${sorted[0]} | ${sorted[Math.floor(rounds / 2)]} | ${sorted.at(-1)} |`);
  }
  say("");
}

function lineOf(index: number): string {
  return `${leafText({ at: new Date().toISOString(), ...testAction(`s${index}`) })}\n`;
}

async function plainFile(): Promise<Contender> {
  const file = await open(join(scratch, "plain.jsonl"), "a");
  const run = async () => {
    for (let index = 0; index < appends; index++) {
      await file.write(lineOf(index));
      await file.datasync();
    }
    return appends;
  };
  return { name: "a plain file, fdatasync each (the floor)", rates: [], run, close: () => file.close() };
}

async function sqlite(): Promise<Contender> {
  const db = new DatabaseSync(join(scratch, "peer.db"));
  db.exec(
    "pragma journal_mode = wal; pragma synchronous = full; create table entries (at integer primary key, text text)",
  );
  const insert = db.prepare("insert into entries (text) values (?)");
  const run = async () => {
    for (let index = 0; index < appends; index++) insert.run(lineOf(index));
    return appends;
  };
  return { name: "a row in SQLite (WAL, synchronous = full)", rates: [], run, close: async () => db.close() };
}

async function newLedger(name: string): Promise<LedgerFile> {
  mkdirSync(join(scratch, name));
  return LedgerFile.open(join(scratch, name), { stack: "bench" });
}

async function oneByOne(): Promise<Contender> {
  const ledger = await newLedger("single");
  const run = async () => {
    for (let index = 0; index < appends; index++) await ledger.append(testAction(`s${index}`));
    return appends;
  };
  return {
    name: "the ledger, one after another: leaf, tree, signed head, fdatasync each",
    rates: [],
    run,
    close: () => ledger.close(),
  };
}

async function together(): Promise<Contender> {
  const ledger = await newLedger("batched");
  const run = async () => {
    const made = appends * 10;
    await Promise.all(Array.from({ length: made }, (_, index) => ledger.append(testAction(`s${index}`))));
    return made;
  };
  return {
    name: "the ledger, many at once: those that wait share a write",
    rates: [],
    run,
    close: () => ledger.close(),
  };
}

async function benchVerify(): Promise<void> {
  const entries = Number(values.entries);
  const ledger = await newLedger("large");
  for (let made = 0; made < entries; ) {
    const count = Math.min(1_000, entries - made);
    await ledger.appendMany(Array.from({ length: count }, (_, index) => testAction(`s${made + index}`)));
    made += count;
  }
  const folder = join(scratch, "export");
  const exporting = performance.now();
  await exportLedger(ledger, folder);
  const verifying = performance.now();
  const evidence = await openExport(folder);
  const result = await verifyLedger(evidence, { log: ledger.verifier, witnesses: [], seen: [] });
  const end = performance.now();
  await evidence.close();
  if (result.problems.length > 0 || result.entries !== entries)
    throw new Error("the ledger of the bench does not verify");
  const opening = performance.now();
  await ledger.close();
  const again = await LedgerFile.open(join(scratch, "large"), { stack: "bench" });
  await again.append(testAction("next"));
  const opened = performance.now();
  await again.close();
  const seconds = (from: number, to: number) => `${((to - from) / 1_000).toFixed(2)} s`;
  say(`A ledger of ${entries.toLocaleString("en")} entries\n`);
  say("| | |\n|---|---|");
  say(`| exported | ${seconds(exporting, verifying)} |`);
  say(`| verified offline from the export | ${seconds(verifying, end)} |`);
  say(`| opened, and one appended | ${Math.round(opened - opening)} ms |`);
  say(`| memory at most | ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB |`);
}

function keep(): void {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const head = `# How fast the ledger is\n\n${new Date().toISOString().slice(0, 10)}, commit ${commit}. \`node bench/ledger.ts --write\`.\n\n`;
  mkdirSync(join(root, "docs/proofs"), { recursive: true });
  writeFileSync(join(root, "docs/proofs/bench-ledger.md"), `${head}${printed.join("\n")}\n`);
}
