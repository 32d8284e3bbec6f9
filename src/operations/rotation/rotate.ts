import { RingwallError } from "../../lib/error.ts";
import { findUnfinished, Journal, operationId } from "../../state/journal.ts";
import { OperationLock } from "../../state/operation-lock.ts";
import { createRun, rotatorOf } from "./create-run.ts";
import { patience, type RotationEngine, secretOf } from "./engine.ts";
import { OpenOperation } from "./open-operation.ts";
import { type PlannedRotation, planRotation, type RotationPlan, type RotationRequest } from "./plan.ts";
import { SecretProgress, type Settled } from "./progress.ts";
import { type Retiring, readRetiring } from "./retiring.ts";
import { rotateSecret } from "./rotate-secret.ts";
import { messageOf, note, phase } from "./secret-run.ts";
import { findUnfinishedRotations, type UnfinishedRotation } from "./unfinished.ts";

/** How one secret came out of a rotation. */
export interface RotationResult {
  readonly secret: string;
  /** `failed`: nothing of it is left, or it is unfinished, as `error` says. `stopped`: one of its group failed before. */
  readonly outcome: Settled | "failed" | "stopped";
  readonly error?: unknown;
  readonly operation: string;
  readonly expectedMs: number | undefined;
  /** Null where it was not measured. */
  readonly downtimeMs: number | null;
  readonly retireAfter?: string;
  /** The folder of the incident that an emergency opened. */
  readonly incident?: string;
  /** True where it failed after the new value came into use: the former one may still work. */
  readonly inUse?: boolean;
}

export interface RotateOptions {
  /** Shown the plan when the lock is held and before anything is changed; false leaves everything as it is. */
  readonly confirm: (plan: RotationPlan) => Promise<boolean>;
  /** Only what is unfinished is taken up. */
  readonly resumeOnly?: boolean;
}

export interface RotateOutcome {
  readonly results: readonly RotationResult[];
  /** Undefined when only unfinished rotations were taken up. */
  readonly plan: RotationPlan | undefined;
  readonly declined: boolean;
}

/**
 * Takes up what is unfinished, then rotates what is asked for, one secret after another, under the stack's operation lock
 * and a lock for each secret. Results tell of each secret; nothing is thrown for one that failed.
 */
export async function rotate(
  engine: RotationEngine,
  request: RotationRequest,
  options: RotateOptions,
): Promise<RotateOutcome> {
  const { state, surroundings } = engine;
  await state.prepare();
  const lock = await OperationLock.take(state.lock, "rotate", surroundings.processes, surroundings.now());
  try {
    await refuseOtherUnfinished(engine);
    const held = () => lock.assertHeld();
    const resumed: RotationResult[] = [];
    for (const unfinished of await findUnfinishedRotations(state.journals)) {
      resumed.push(...(await takeUp(engine, unfinished, held)));
    }
    if (options.resumeOnly === true) return { results: resumed, plan: undefined, declined: false };
    const plan = await planRotation(engine, request);
    if (plan.rotations.length + plan.retirements.length === 0) return { results: resumed, plan, declined: false };
    if (!(await options.confirm(plan))) return { results: resumed, plan, declined: true };
    const results = await begin(engine, plan, request, held, blockedBy(resumed, engine));
    return { results: [...resumed, ...results], plan, declined: false };
  } finally {
    await lock.release();
  }
}

async function refuseOtherUnfinished({ state }: RotationEngine): Promise<void> {
  const other = await findUnfinished(state.journals);
  if (other === undefined) return;
  const { operation, at } = other.begun;
  throw new RingwallError("conflict", `\`ringwall ${operation}\` of ${at} was interrupted; nothing was rotated.`, {
    hint: `Run \`ringwall ${operation}\` again first: it takes up what is left.`,
  });
}

/** Secrets whose rotation could not be finished: neither they nor those coupled with them begin anew. */
function blockedBy(resumed: readonly RotationResult[], engine: RotationEngine): ReadonlySet<string> {
  const failed = new Set(resumed.filter(({ outcome }) => outcome === "failed").map(({ secret }) => secret));
  const groups = new Set([...failed].flatMap((name) => groupsOf(engine, name)));
  const coupled = engine.stack.secrets.filter(({ name }) => groupsOf(engine, name).some((group) => groups.has(group)));
  return new Set([...failed, ...coupled.map(({ name }) => name)]);
}

function groupsOf(engine: RotationEngine, name: string): readonly string[] {
  const secret = secretOf(engine.stack, name);
  const outline = secret === undefined ? undefined : rotatorOf(engine, secret)?.outline;
  if (outline === undefined) return [];
  const services = [...outline.consumers, ...(outline.issuer === undefined ? [] : [outline.issuer])];
  return [...services.map((service) => `service ${service}`), ...(outline.group === undefined ? [] : [outline.group])];
}

async function takeUp(
  engine: RotationEngine,
  unfinished: UnfinishedRotation,
  assertHeld: () => Promise<void>,
): Promise<readonly RotationResult[]> {
  const { state, surroundings } = engine;
  tellTakingUp(engine, unfinished);
  await awaitLeftovers(engine, unfinished);
  const journal = await Journal.reopen(unfinished.path, surroundings.now, surroundings.afterAppend);
  const { emergency } = unfinished;
  const operation = new OpenOperation(journal, {
    emergency,
    resumed: true,
    progress: new Map(unfinished.all),
    assertHeld,
  });
  const retiring = await readRetiring(state);
  const work = unfinished.open.map(({ secret }) => ({
    secret,
    retires: unfinished.all.get(secret)?.hasStarted("retire-begin") ?? false,
    retiring: retiring.find((entry) => entry.secret === secret),
  }));
  return runAll(
    engine,
    operation,
    work.map((one, index) => ({ ...one, group: index, expectedMs: undefined })),
  );
}

function tellTakingUp({ surroundings }: RotationEngine, { begunAt, lastAt, open }: UnfinishedRotation): void {
  const tell = (text: string) => surroundings.tell({ kind: "step-progress", step: "take-up", text });
  const names = open.map(({ secret }) => secret).join(", ");
  if (names !== "") tell(`the rotation of ${names} that began at ${begunAt} is unfinished; it is taken up`);
  if (Date.parse(lastAt) <= surroundings.now().getTime()) return;
  tell(`this machine's clock has gone back: the journal was last written at ${lastAt}`);
}

/** Programs that a killed rotation has started may still be at work; two at once would stumble over one another. */
async function awaitLeftovers({ surroundings }: RotationEngine, { programs }: UnfinishedRotation): Promise<void> {
  const { clock, sleep, processes } = surroundings;
  const deadline = clock() + patience.leftover;
  for (const { pid, started } of programs) {
    while (started !== null && (await processes.started(pid)) === started && clock() < deadline) await sleep(500);
  }
}

async function begin(
  engine: RotationEngine,
  plan: RotationPlan,
  request: RotationRequest,
  assertHeld: () => Promise<void>,
  blocked: ReadonlySet<string>,
): Promise<readonly RotationResult[]> {
  const retiring = await readRetiring(engine.state);
  const results: RotationResult[] = [];
  const ends = plan.retirements.filter(({ secret }) => !blocked.has(secret));
  if (ends.length > 0) {
    const work = ends.map(({ secret }, group) => ({
      secret,
      group,
      retires: true,
      retiring: retiring.find((entry) => entry.secret === secret),
      expectedMs: undefined,
    }));
    results.push(...(await runNew(engine, work, request, assertHeld)));
  }
  // What could not be ended would be lost among the accounts if another value began.
  const failed = new Set(results.filter(({ outcome }) => outcome === "failed").map(({ secret }) => secret));
  const free = plan.rotations.filter(({ secret }) => !blocked.has(secret) && !failed.has(secret));
  if (free.length > 0) results.push(...(await runNew(engine, free.map(workOf), request, assertHeld)));
  const stopped = plan.rotations.filter(({ secret }) => blocked.has(secret));
  return [...results, ...stopped.map(({ secret }) => stoppedResult(secret))];
}

function stoppedResult(secret: string): RotationResult {
  const why = `"${secret}" was left as it is: the rotation of a secret that it is coupled with is unfinished.`;
  const error = new RingwallError("conflict", why);
  return { secret, outcome: "stopped", error, operation: "", expectedMs: undefined, downtimeMs: null };
}

interface Work {
  readonly secret: string;
  readonly group: number;
  readonly retires: boolean;
  readonly retiring: Retiring | undefined;
  readonly expectedMs: number | undefined;
}

function workOf({ secret, group, outline }: PlannedRotation): Work {
  return { secret, group, retires: false, retiring: undefined, expectedMs: outline.downtime.milliseconds };
}

async function runNew(
  engine: RotationEngine,
  work: readonly Work[],
  request: RotationRequest,
  assertHeld: () => Promise<void>,
): Promise<readonly RotationResult[]> {
  const { state, stack, surroundings } = engine;
  const emergency = request.emergency === true;
  const id = operationId("rotate", surroundings.now(), surroundings.random(3));
  const secrets = work.map(({ secret }) => secret);
  const begun = { id, operation: "rotate", stack: stack.name, steps: [], request: { emergency, secrets } };
  const journal = await Journal.begin(state.journals, begun, surroundings.now, surroundings.afterAppend);
  const progress = new Map(secrets.map((secret) => [secret, new SecretProgress(secret)]));
  return runAll(engine, new OpenOperation(journal, { emergency, resumed: false, progress, assertHeld }), work);
}

/** Runs the secrets of one operation in order; a failure stops the rest of its group. */
async function runAll(
  engine: RotationEngine,
  operation: OpenOperation,
  work: readonly Work[],
): Promise<readonly RotationResult[]> {
  const startedAt = engine.surroundings.now().toISOString();
  const results: RotationResult[] = [];
  const stopped = new Set<number>();
  try {
    await recordOperation(engine, operation, startedAt, null);
    for (const one of work) {
      const result = stopped.has(one.group) ? stoppedInGroup(one, operation) : await runOne(engine, operation, one);
      if (result.outcome === "failed") stopped.add(one.group);
      results.push(result);
      if (isInterrupted(result)) break;
    }
    const all = [...operation.progress.values()].filter((progress) => progress.begun);
    const failed = all.some(({ settled }) => settled === undefined || settled === "undone");
    await recordOperation(engine, operation, startedAt, failed ? "failed" : "done");
    await operation.close();
  } finally {
    await operation.release();
  }
  return results;
}

function isInterrupted({ error }: RotationResult): boolean {
  return error instanceof RingwallError && error.code === "interrupted";
}

function stoppedInGroup({ secret, expectedMs }: Work, operation: OpenOperation): RotationResult {
  const why = `"${secret}" was left as it is: a secret that it is coupled with could not be rotated.`;
  const error = new RingwallError("conflict", why);
  return { secret, outcome: "stopped", error, operation: operation.id, expectedMs, downtimeMs: null };
}

async function runOne(engine: RotationEngine, operation: OpenOperation, work: Work): Promise<RotationResult> {
  const { secret, retires, expectedMs } = work;
  const base = { secret, operation: operation.id, expectedMs };
  const measured = (): number | null => {
    const value = operation.progress.get(secret)?.fact("downtimeMs");
    return typeof value === "number" ? value : null;
  };
  try {
    const outcome = await engine.locks.withLock(`secret/${engine.stack.name}/${secret}`, async () => {
      const run = await createRun(engine, operation, secret, { retires });
      if (work.retiring !== undefined && retires) await beginRetiring(run, work.retiring);
      return rotateSecret(run);
    });
    const retireAfter = operation.progress.get(secret)?.text("retireAfter");
    const until = outcome === "retiring" && retireAfter !== undefined ? { retireAfter } : {};
    return { ...base, outcome, downtimeMs: measured(), ...until, ...incidentOf(operation, secret) };
  } catch (error) {
    const inUse = operation.progress.get(secret)?.isDone("commit") === true ? { inUse: true } : {};
    return { ...base, outcome: "failed", error, downtimeMs: measured(), ...inUse, ...incidentOf(operation, secret) };
  }
}

function incidentOf(operation: OpenOperation, secret: string): { readonly incident?: string } {
  const incident = operation.progress.get(secret)?.text("incident");
  return incident === undefined ? {} : { incident };
}

/** What the rotation that brought the present value has left for this one to know. */
function beginRetiring(run: Parameters<typeof note>[0], entry: Retiring): Promise<void> {
  return phase(run, "retire-begin", "end the former value", () =>
    note(run, "retire-begin", {
      rotator: entry.rotator,
      consumers: run.outline.consumers.join(","),
      previousAccount: entry.previousAccount,
      account: entry.account,
    }),
  );
}

async function recordOperation(
  engine: RotationEngine,
  operation: OpenOperation,
  startedAt: string,
  outcome: "done" | "failed" | null,
): Promise<void> {
  const { kind, name } = engine.principal;
  await engine.records.operations.put({
    id: operation.id,
    name: "rotate",
    stack: engine.stack.name,
    principal: `${kind} ${name}`,
    startedAt,
    endedAt: outcome === null ? null : engine.surroundings.now().toISOString(),
    outcome,
  });
}

/** The failures of a rotation as one error; undefined when there is none. */
export function failureOf(results: readonly RotationResult[]): RingwallError | undefined {
  const failed = results.filter(({ outcome }) => outcome === "failed" || outcome === "stopped");
  const [first] = failed;
  if (first === undefined) return undefined;
  if (failed.length === 1 && first.error instanceof RingwallError) return first.error;
  const details = failed.map(({ secret, error }) => `${secret}: ${messageOf(error)}`);
  return new RingwallError("engine-failed", `${failed.length} of ${results.length} secrets were not rotated:`, {
    details,
  });
}
