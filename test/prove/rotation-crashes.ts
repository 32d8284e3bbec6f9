import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { formsOfValue } from "../../src/operations/rotation/testing/crash-checks.ts";
import { AgeStore } from "../../src/secrets/age-store.ts";
import { Secret } from "../../src/secrets/secret.ts";
import { openDatabase } from "../../src/state/database/open.ts";
import { recordsOf } from "../../src/state/database/records.ts";
import { StateFolder } from "../../src/state/state-folder.ts";
import type { RotationScenario, ScenarioWorld, Seen } from "./rotation-scenario.ts";

const child = fileURLToPath(new URL("rotation-child.ts", import.meta.url));

/** How a process is killed: at a line of its journal, or after a time; never when both are undefined. */
export interface Kill {
  readonly line?: number;
  readonly afterMs?: number;
}

interface Ran {
  readonly killed: boolean;
  readonly code: number | null;
  readonly output: string;
  readonly milliseconds: number;
}

/** What came of one rotation that was killed and taken up. */
export interface CrashResult {
  /** Whether the kills came before the end. */
  readonly kills: number;
  /** How often a process that was not killed said that it could not finish yet, and the next one did. */
  readonly again: number;
  /** Lines that the journal had when nothing was killed; undefined otherwise. */
  readonly lines: number | undefined;
  readonly milliseconds: number;
  readonly wrong: readonly string[];
}

/**
 * Rotates a scenario's secrets in a process that is killed as told, each later process taking up what the one before
 * left; the last one is not killed. Looks after each death and at the end, as an independent client, and searches all
 * that was written and told for values.
 */
export async function crash(scenario: RotationScenario, folder: string, kills: readonly Kill[]): Promise<CrashResult> {
  await mkdir(folder, { recursive: true });
  const world = await scenario.start(folder);
  try {
    return await crashIn(scenario, world, folder, kills);
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}-issuer`, { recursive: true, force: true });
  }
}

async function crashIn(
  scenario: RotationScenario,
  world: ScenarioWorld,
  folder: string,
  kills: readonly Kill[],
): Promise<CrashResult> {
  const state = new StateFolder(folder);
  await state.prepare();
  await writeFile(join(folder, "connection.json"), JSON.stringify(world.connection));
  const store = new AgeStore(state.path);
  for (const [name, value] of world.first) await store.set(new Secret(name, value));
  const all = new Set(world.first.values());
  const wrong: string[] = [];
  let output = "";
  let milliseconds = 0;
  let killed = 0;
  let again = 0;
  let begun = false;
  for (const kill of [...kills, {}]) {
    let ran = await run(scenario, folder, kill, begun);
    if (!ran.killed && ran.code === 3) {
      // A program that the killed process had started may have held what it worked on: it says so, and goes on later.
      again += 1;
      output += ran.output;
      await sleep(2_000);
      ran = await run(scenario, folder, {}, true);
    }
    begun ||= (await readdir(state.journals)).length > 0;
    output += ran.output;
    milliseconds += ran.milliseconds;
    const seen = await look(world, state, store, all);
    if (ran.killed) {
      killed += 1;
      for (const what of await world.wrongMidway(seen)) wrong.push(`killed at ${describe(kill)}: ${what}`);
      continue;
    }
    if (ran.code !== 0)
      wrong.push(`after ${kills.map(describe).join(", ")}: it ended with ${ran.code}: ${lastLine(ran.output)}`);
    for (const what of await world.wrongAtEnd(seen)) wrong.push(`after ${kills.map(describe).join(", ")}: ${what}`);
    const beside = [...seen.store.keys()].filter((name) => name.includes("--"));
    if (beside.length > 0)
      wrong.push(`after ${kills.map(describe).join(", ")}: the store still has ${beside.join(", ")}`);
    break;
  }
  const told = await valuesTold(folder, output, all);
  if (told.length > 0) wrong.push(`after ${kills.map(describe).join(", ")}: ${told.join(", ")} hold values`);
  const lines = /^lines (\d+)$/m.exec(output)?.[1];
  return {
    kills: killed,
    again,
    lines: killed === 0 && lines !== undefined ? Number(lines) : undefined,
    milliseconds,
    wrong,
  };
}

async function look(world: ScenarioWorld, state: StateFolder, store: AgeStore, all: Set<string>): Promise<Seen> {
  const kept = new Map<string, string>();
  for (const name of await store.list()) {
    const value = (await store.get(name))?.expose();
    if (value === undefined) continue;
    kept.set(name, value);
    all.add(value);
  }
  const db = await openDatabase({ folder: state.path });
  try {
    const accounts = new Map<string, string | undefined>();
    // A process that was killed early has made no table yet.
    const records = await recordsOf(db)
      .secrets.list("shop")
      .catch(() => []);
    for (const name of world.first.keys()) {
      accounts.set(name, records.find(({ secret }) => secret === name)?.account ?? undefined);
    }
    return { store: kept, all, accounts };
  } finally {
    await db.close();
  }
}

async function run(scenario: RotationScenario, folder: string, kill: Kill, resumes: boolean): Promise<Ran> {
  const args = [child, scenario.name, folder, String(kill.line ?? 0), ...(resumes ? ["resume"] : [])];
  const started = performance.now();
  const process_ = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    process_.on("close", (code, signal) => resolve({ code, signal })),
  );
  if (kill.afterMs !== undefined) {
    await Promise.race([ended, sleep(kill.afterMs)]);
    process_.kill("SIGKILL");
  }
  const { code, signal } = await ended;
  return { killed: signal === "SIGKILL", code, output, milliseconds: performance.now() - started };
}

/** The files and streams that hold a value of a secret in any clothes; the encrypted store is left out. */
async function valuesTold(folder: string, output: string, values: ReadonlySet<string>): Promise<readonly string[]> {
  const forms = [...values].flatMap(formsOfValue);
  const holds = (text: string) => forms.some((form) => text.includes(form));
  const found = holds(output) ? ["what was printed"] : [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (holds(entry.name)) found.push("the name of a file");
    if (!entry.isFile() || entry.parentPath.endsWith("/secrets")) continue;
    const path = join(entry.parentPath, entry.name);
    if (holds((await readFile(path)).toString("latin1"))) found.push(entry.name);
  }
  return found;
}

function describe({ line, afterMs }: Kill): string {
  return line === undefined ? `${afterMs ?? "no"} ms` : `line ${line}`;
}

/** What a process said of why it failed; of one that broke, its last line. */
function lastLine(output: string): string {
  const lines = output.trim().split("\n");
  return (lines.findLast((line) => line.startsWith("failed: ")) ?? lines.at(-1) ?? "").slice(0, 400);
}
