/**
 * A process that rotates a scenario's secrets and is killed: `rotation-child.ts SCENARIO FOLDER KILL-AT [resume]`. At the
 * KILL-AT-th line of its journal it kills itself, as hard as it goes; 0 is never. Prints how many lines it wrote.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childPrograms } from "../../src/lib/child-program.ts";
import type { RotationEngine } from "../../src/operations/rotation/engine.ts";
import { failureOf, rotate } from "../../src/operations/rotation/rotate.ts";
import { AgeStore } from "../../src/secrets/age-store.ts";
import { openDatabase } from "../../src/state/database/open.ts";
import { openJobs } from "../../src/state/database/open-jobs.ts";
import { recordsOf } from "../../src/state/database/records.ts";
import { LedgerFile } from "../../src/state/ledger/ledger-file.ts";
import { keyedDigests } from "../../src/state/ledger/ledger-keys.ts";
import { machineProcesses } from "../../src/state/operation-lock.ts";
import { StateFolder } from "../../src/state/state-folder.ts";
import type { Connection } from "./rotation-scenario.ts";
import { rotationScenarios } from "./rotation-scenarios.ts";

const [name = "", folder = "", killAt = "0", mode = ""] = process.argv.slice(2);
const scenario = rotationScenarios.find((one) => one.name === name);
if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
const connection: Connection = JSON.parse(await readFile(join(folder, "connection.json"), "utf8"));
const state = new StateFolder(folder);
await state.prepare();
const parts = await scenario.connect(connection);
const db = await openDatabase({ folder: state.path });
const jobs = await openJobs(db);
const ledger = await LedgerFile.open(state.path, { stack: parts.stack.name });
const digests = await keyedDigests(ledger.folder);
let lines = 0;
const engine: RotationEngine = {
  ...parts,
  state,
  store: new AgeStore(state.path),
  records: recordsOf(db),
  locks: jobs,
  ledger,
  principal: { kind: "user", name: "proof", uid: null, host: "here" },
  digest: (secret, value) => digests.of(`secret ${secret}`, value.expose()),
  ask: () => Promise.reject(new Error("nobody is asked here")),
  surroundings: {
    run: childPrograms({ PATH: process.env.PATH }),
    processes: machineProcesses,
    now: () => new Date(),
    clock: () => performance.now(),
    random: (bytes) => randomBytes(bytes),
    sleep: (milliseconds) => sleep(milliseconds),
    tell: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    afterAppend: async () => {
      lines += 1;
      if (lines !== Number(killAt)) return;
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => {});
    },
  },
};
const { results } = await rotate(
  engine,
  { names: [], all: true },
  {
    confirm: async () => true,
    resumeOnly: mode === "resume",
  },
);
await jobs.stop();
await ledger.close();
await db.close();
const failure = failureOf(results);
if (failure !== undefined) {
  process.stdout.write(`failed: ${failure.describe().replaceAll("\n", " ")}\n`);
  process.exitCode = 3;
}
process.stdout.write(`lines ${lines}\n`);
