import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { OperationEvent } from "../contracts/operation.ts";
import type { ServiceControl } from "../contracts/rotator.ts";
import { RingwallError } from "../lib/error.ts";
import { readTextFile } from "../lib/read-text-file.ts";
import { Agents } from "../operations/probes/agents.ts";
import type { RotationEngine } from "../operations/rotation/engine.ts";
import { composeLogs } from "../operations/rotation/incident/container-logs.ts";
import { composeServiceControl } from "../operations/rotation/services/compose-services.ts";
import { watchCredentials } from "../operations/rotation/services/watch-credentials.ts";
import { Secret } from "../secrets/secret.ts";
import type { Database } from "../state/database/database.ts";
import { openDatabase } from "../state/database/open.ts";
import { openJobs } from "../state/database/open-jobs.ts";
import { type Records, recordsOf } from "../state/database/records.ts";
import { operationId } from "../state/journal.ts";
import { LedgerFile } from "../state/ledger/ledger-file.ts";
import { keyedDigests } from "../state/ledger/ledger-keys.ts";
import { StateFolder } from "../state/state-folder.ts";
import type { Context } from "./command.ts";
import { type DeploymentOfStack, deploymentOf } from "./deployment.ts";
import { handingOver } from "./hand-over.ts";
import { principalOf } from "./principal.ts";
import { programPath } from "./program-path.ts";
import { rotators } from "./rotators.ts";
import { readHidden } from "./secret-input.ts";
import { stackOf } from "./stack-option.ts";
import { storeOf } from "./stack-store.ts";
import { stoppableSurroundings } from "./surroundings.ts";

/** A longer value is a mistake: a disk image, a log. */
const largestValue = 1024 * 1024;

export interface RotationOptions {
  /** A folder with stack.yaml, or a named file. */
  readonly stack?: string | undefined;
  readonly images?: string | undefined;
  /** Files with new values that a person has fetched, by the secret's name. */
  readonly valueFiles: ReadonlyMap<string, string>;
  readonly tell: (event: OperationEvent) => void;
}

/** What the views of the schedule rest on: no engine is asked, and nothing is written. */
export type RotationView = Pick<
  RotationEngine,
  "stack" | "state" | "store" | "records" | "rotators" | "surroundings"
> & {
  readonly stackFolder: string;
  /** False where no rotation can have happened yet. */
  readonly hasRecords: boolean;
};

/** Runs work with a stack's schedule, without reaching its services. */
export async function withRotationView<T>(
  options: RotationOptions,
  context: Context,
  work: (view: RotationView) => Promise<T>,
): Promise<T> {
  const { loaded, stack } = await stackOf(options.stack, context, { images: options.images });
  const stackFolder = loaded.file.folder;
  const state = new StateFolder(stackFolder);
  const url = context.env.DATABASE_URL;
  const db = url !== undefined || existsSync(join(state.path, "state.db")) ? await openState(state, url) : undefined;
  try {
    const records = db === undefined ? noRecords : recordsOf(db);
    const surroundings = stoppableSurroundings(context, options.tell);
    return await work({
      stack,
      state,
      store: await storeOf(stack, stackFolder, context),
      records,
      rotators,
      surroundings,
      stackFolder,
      hasRecords: db !== undefined,
    });
  } finally {
    await db?.close();
  }
}

function openState(state: StateFolder, url: string | undefined): Promise<Database> {
  return openDatabase(url === undefined ? { folder: state.path } : { url });
}

/** Nothing was ever recorded. */
const noRecords: Pick<Records, "secrets" | "operations"> = {
  secrets: { get: async () => undefined, list: async () => [], put: () => Promise.reject(readOnly()) },
  operations: { get: async () => undefined, list: async () => [], put: () => Promise.reject(readOnly()) },
};

function readOnly(): Error {
  return new Error("a view writes nothing");
}

/** Runs work with all that a rotation needs, and lets go of it afterwards. */
export async function withRotationEngine<T>(
  options: RotationOptions,
  context: Context,
  work: (engine: RotationEngine) => Promise<T>,
): Promise<T> {
  const { tell, images } = options;
  const deployment = await deploymentOf(options.stack, context, { images, changesHost: true, tell });
  // Outermost: whoever opens and closes a file of SQLite's beside an open database takes the database's locks away.
  return handingOver(deployment.stackFolder, () => withEngineOf(deployment, options, context, work));
}

async function withEngineOf<T>(
  deployment: DeploymentOfStack,
  options: RotationOptions,
  context: Context,
  work: (engine: RotationEngine) => Promise<T>,
): Promise<T> {
  const { stack, state, stackFolder } = deployment;
  await state.prepare();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const db = await openState(state, context.env.DATABASE_URL);
    closing.push(() => db.close());
    const jobs = await openJobs(db);
    closing.push(() => jobs.stop());
    const ledger = await LedgerFile.open(state.path, { stack: stack.name, now: () => context.now() });
    closing.push(() => ledger.close());
    const agents = new Agents([process.execPath, programPath("operations/probes/agent-main")]);
    closing.push(() => agents.close());
    const digests = await keyedDigests(ledger.folder);
    const surroundings = stoppableSurroundings(context, options.tell);
    const id = operationId("rotate", context.now(), randomBytes(3));
    const engine: RotationEngine = {
      stack,
      state,
      store: await storeOf(stack, stackFolder, context),
      rotators,
      services: composeServiceControl(deployment, agents, { id }),
      records: recordsOf(db),
      locks: jobs,
      ledger,
      principal: principalOf(context),
      digest: (name, value) => digests.of(`secret ${name}`, value.expose()),
      ask: (name, question) => askForValue(name, question, options, context),
      watch: (checks) => watchCredentials(checks, surroundings),
      logs: composeLogs(deployment),
      surroundings,
    };
    return await work(engine);
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

/** A person's value: from the file that they named for it, else typed unseen; `interrupted` where nobody is there. */
async function askForValue(
  name: string,
  question: string,
  options: RotationOptions,
  context: Context,
): Promise<Secret> {
  const file = options.valueFiles.get(name);
  if (file !== undefined) return new Secret(name, await readValueFile(file, context));
  if (context.stdin.isTTY !== true) {
    throw new RingwallError(
      "interrupted",
      `The new value of "${name}" is a person's to fetch, and nobody can be asked.`,
      {
        hint: `Run it at a terminal, or bring the value in a file: --value-file ${name}=PATH.`,
      },
    );
  }
  return new Secret(name, (await readHidden(context, question)).replace(/\r?\n$/, ""));
}

async function readValueFile(file: string, context: Context): Promise<string> {
  const text = await readTextFile(resolve(context.cwd, file), file, largestValue);
  if (text !== undefined) return text.replace(/\r?\n$/, "");
  throw new RingwallError("not-found", `${file} cannot be read: it is not there.`);
}

/** An engine for views that asks no service: whatever would is refused. */
export function engineOfView(view: RotationView, context: Context): RotationEngine {
  const refuse = () => Promise.reject(new RingwallError("unsupported", "The services were not reached."));
  const services: ServiceControl = {
    isRunning: refuse,
    exec: refuse,
    deliver: refuse,
    deliverDerived: refuse,
    tell: refuse,
    login: refuse,
  };
  return {
    ...view,
    services,
    locks: { withLock: refuse },
    ledger: { append: refuse },
    principal: principalOf(context),
    digest: () => "",
    ask: refuse,
  };
}
