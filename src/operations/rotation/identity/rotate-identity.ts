import { join } from "node:path";
import { makeFolder } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { listed } from "../../../lib/listed.ts";
import { findOpenJournals, Journal, operationId } from "../../../state/journal.ts";
import { OperationLock } from "../../../state/operation-lock.ts";
import { OpenOperation } from "../open-operation.ts";
import { progressOf, SecretProgress } from "../progress.ts";
import { findUnfinishedRotations } from "../unfinished.ts";
import { AgeSecrets } from "./age-secrets.ts";
import { type Exposure, readExposures } from "./exposure.ts";
import { IdentityFiles, type OwnIdentity } from "./identity-files.ts";
import { failureText, type IdentityEngine, type IdentityRun, identityName, note } from "./identity-run.ts";
import { commit, expose, generate, prove, record, revoke, stage, undo, verify } from "./phases.ts";
import { type IdentityPlan, planIdentity } from "./plan-identity.ts";

export interface IdentityOptions {
  /** The public key that is to go, where the identity's file holds several. */
  readonly key?: string;
  /** Goes on where files that are to be changed have changes that are in no commit. */
  readonly overUncommitted?: boolean;
  /**
   * Whether to stop where both identities open everything, so that whoever has a copy gets the new one first. When left
   * out, it stops where Flux has a copy.
   */
  readonly hold?: boolean;
  /** Ends the former identity at once, whoever has a copy of it. */
  readonly emergency?: boolean;
  /** Shown the plan before anything is changed; false leaves everything as it is. */
  readonly confirm: (plan: IdentityPlan) => Promise<boolean>;
}

export interface IdentityOutcome {
  /**
   * `overlap`: both identities open everything, until it is run again. `undone`: an interrupted one was taken back.
   */
  readonly state: "done" | "overlap" | "undone" | "declined";
  readonly former: string;
  readonly next?: string;
  readonly plan?: IdentityPlan;
  /** What the former identity could read, and what is due for that. */
  readonly exposure?: Exposure;
}

/**
 * Rotates the identity of age that opens a stack's secrets: its age files and the SOPS files below its folder. Takes up
 * what was interrupted or held. What fails before the new identity is in its place is taken back, and the failure thrown;
 * what fails after leaves it unfinished, with both identities opening what is not done.
 */
export async function rotateIdentity(engine: IdentityEngine, options: IdentityOptions): Promise<IdentityOutcome> {
  const { state, surroundings, stack } = engine;
  refuseName(engine);
  await state.prepare();
  await makeFolder(journalsOf(engine), 0o700);
  const lock = await OperationLock.take(state.lock, "rotate identity", surroundings.processes, surroundings.now());
  try {
    await filesOf(engine).removeParts();
    const held = () => lock.assertHeld();
    const opened = (await takeUp(engine, held)) ?? (await begin(engine, options, held));
    if ("declined" in opened) return opened.declined;
    return await carryOut({ ...opened, options });
  } finally {
    await lock.release();
  }

  function refuseName({ stack: { secrets } }: IdentityEngine): void {
    if (!secrets.some(({ name }) => name === identityName)) return;
    throw new RingwallError("usage", `The stack "${stack.name}" has a secret called "${identityName}".`, {
      hint: "That name stands for the identity that opens all of them: give the secret another one.",
    });
  }
}

interface Opened {
  readonly run: IdentityRun;
  readonly plan?: IdentityPlan;
}

function journalsOf({ state }: IdentityEngine): string {
  return join(state.journals, identityName);
}

export function filesOf({ state, identity }: Pick<IdentityEngine, "state" | "identity">): IdentityFiles {
  return new IdentityFiles(identity ?? join(state.path, "identity"));
}

function runOf(engine: IdentityEngine, former: string, operation: OpenOperation, holds: boolean): IdentityRun {
  const files = filesOf(engine);
  const progress = operation.progress.get(identityName);
  if (progress === undefined) throw new Error("the operation has no progress of the identity");
  return { engine, operation, progress, files, age: new AgeSecrets(engine.state.path, files.present), former, holds };
}

/** How an unfinished rotation of the identity stands; undefined when there is none. */
export async function unfinishedIdentity(engine: Pick<IdentityEngine, "state">): Promise<
  | {
      readonly path: string;
      readonly former: string;
      readonly emergency: boolean;
      readonly holds: boolean;
      readonly progress: SecretProgress;
    }
  | undefined
> {
  const [open] = await findOpenJournals(join(engine.state.journals, identityName), identityName);
  const begun = open?.records[0];
  if (open === undefined || begun?.kind !== "begun") return undefined;
  const progress = progressOf(open.records).get(identityName) ?? new SecretProgress(identityName);
  return {
    path: open.path,
    former: String(begun.request?.former),
    emergency: begun.request?.emergency === true,
    holds: begun.request?.holds === true,
    progress,
  };
}

async function takeUp(engine: IdentityEngine, assertHeld: () => Promise<void>): Promise<Opened | undefined> {
  const unfinished = await unfinishedIdentity(engine);
  if (unfinished === undefined) return undefined;
  const { path, former, emergency, holds, progress } = unfinished;
  const { surroundings } = engine;
  const text =
    progress.fact("held") === true ? "the former identity is ended now" : "an interrupted rotation is taken up";
  surroundings.tell({ kind: "step-progress", step: "take-up", text });
  const journal = await Journal.reopen(path, surroundings.now, surroundings.afterAppend);
  const all = new Map([[identityName, progress]]);
  const operation = new OpenOperation(journal, { emergency, resumed: true, progress: all, assertHeld });
  return { run: runOf(engine, former, operation, holds) };
}

async function begin(
  engine: IdentityEngine,
  options: IdentityOptions,
  assertHeld: () => Promise<void>,
): Promise<Opened | { readonly declined: IdentityOutcome }> {
  const { surroundings, stack } = engine;
  const files = filesOf(engine);
  await files.refuseInGit();
  const present = await files.readPresent();
  const former = formerOf(present, files.present, options.key);
  await refuseLeftNext(files);
  if (options.emergency !== true) await refuseWhileOpen(engine);
  const age = new AgeSecrets(engine.state.path, files.present);
  const { plan } = await planIdentity({ engine, files, age, former }, present);
  refuseUncommitted(plan, options);
  if (!(await options.confirm(plan))) return { declined: { state: "declined", former, plan } };
  const id = operationId(identityName, surroundings.now(), surroundings.random(3));
  const emergency = options.emergency === true;
  const holds = !emergency && (options.hold ?? plan.flux.length > 0);
  const begun = {
    id,
    operation: "rotate identity",
    stack: stack.name,
    steps: [],
    request: { former, emergency, holds },
  };
  const journal = await Journal.begin(journalsOf(engine), begun, surroundings.now, surroundings.afterAppend);
  const progress = new Map([[identityName, new SecretProgress(identityName)]]);
  const operation = new OpenOperation(journal, { emergency, resumed: false, progress, assertHeld });
  const run = runOf(engine, former, operation, holds);
  return { run, plan };
}

function formerOf(present: readonly OwnIdentity[], path: string, named: string | undefined): string {
  const [first] = present;
  if (named === undefined && present.length === 1 && first !== undefined) return first.key;
  const found = present.find(({ key }) => key === named);
  if (found !== undefined) return found.key;
  const keys = present.map(({ key }) => key).join(", ");
  const why =
    named === undefined ? `${path} holds ${present.length} identities.` : `${path} holds no identity of ${named}.`;
  throw new RingwallError(named === undefined ? "usage" : "not-found", why, {
    hint: `Say by its public key which one is to go (\`--key\`); the others stay. It holds: ${keys}.`,
  });
}

async function refuseLeftNext(files: IdentityFiles): Promise<void> {
  if ((await files.readNext()) === undefined) return;
  throw new RingwallError("conflict", `${files.next} is there, and no unfinished rotation knows of it.`, {
    hint: "See whether a file is for it (`age-keygen -y` shows its public key); move it away if none is.",
  });
}

/** A value that waits to be used was made when the former identity could read it, and would count as new afterwards. */
async function refuseWhileOpen({ state }: IdentityEngine): Promise<void> {
  const unfinished = await findUnfinishedRotations(state.journals);
  const [first] = unfinished.filter(({ open }) => open.length > 0);
  if (first === undefined) return;
  const names = listed(first.open.map(({ secret }) => secret));
  throw new RingwallError("conflict", `The rotation of ${names} that began at ${first.begunAt} is unfinished.`, {
    hint: "`ringwall rotate --resume` finishes or undoes it; do that first.",
  });
}

function refuseUncommitted({ git }: IdentityPlan, { overUncommitted }: IdentityOptions): void {
  if (git.state !== "known" || git.changed.length === 0 || overUncommitted === true) return;
  throw new RingwallError("conflict", `These have changes that are in no commit: ${listed(git.changed)}.`, {
    hint: "Commit them first, so that you can tell them from what is changed now; or go on with --yes.",
  });
}

async function carryOut({
  run,
  plan,
  options,
}: Opened & { readonly options: IdentityOptions }): Promise<IdentityOutcome> {
  const { engine, operation, former } = run;
  const startedAt = engine.surroundings.now().toISOString();
  try {
    await recordOperation(run, startedAt, null);
    const state = await advance(run, options);
    if (state !== "overlap" && state !== "declined") {
      await recordOperation(run, startedAt, state === "done" ? "done" : "failed");
    }
    await operation.close();
    const exposure = (await readExposures(engine.state)).find(({ key }) => key === former);
    const next = run.progress.text("next");
    return {
      state,
      former,
      ...(plan === undefined ? {} : { plan }),
      ...(next === undefined ? {} : { next }),
      ...(exposure === undefined || state !== "done" ? {} : { exposure }),
    };
  } catch (error) {
    if (run.progress.settled === "undone") {
      await recordOperation(run, startedAt, "failed");
      await operation.close();
    }
    throw error;
  } finally {
    await operation.release();
  }
}

/** Goes on from wherever it stands. */
async function advance(run: IdentityRun, options: IdentityOptions): Promise<IdentityOutcome["state"]> {
  const { progress } = run;
  if (progress.settled === "undone" || progress.settled === "done") return progress.settled;
  if (progress.undoing) {
    await undo(run, progress.text("because") ?? "it was interrupted");
    return "undone";
  }
  if (!progress.committing) await untilCommit(run);
  const held = progress.fact("held") === true;
  await commit(run);
  if (!held && run.holds && options.emergency !== true) {
    await note(run, "hold", { held: true });
    return "overlap";
  }
  if (held && !progress.hasStarted("expose") && !(await options.confirm(await finishingPlan(run)))) return "declined";
  for (const part of [expose, revoke, prove, record]) await part(run);
  return "done";
}

async function finishingPlan(run: IdentityRun): Promise<IdentityPlan> {
  const { plan } = await planIdentity(run, await run.files.readPresent());
  return { ...plan, finishes: true };
}

async function untilCommit(run: IdentityRun): Promise<void> {
  try {
    for (const part of [generate, stage, verify]) await part(run);
  } catch (error) {
    await takeBack(run, failureText(error));
    throw error;
  }
}

async function takeBack(run: IdentityRun, because: string): Promise<void> {
  try {
    await undo(run, because);
  } catch (error) {
    const text = `The rotation of the identity failed (${because}) and could not be taken back: ${failureText(error)}`;
    throw new RingwallError("engine-failed", text, {
      hint: "Both identities are kept until then; `ringwall rotate identity` goes on taking it back.",
    });
  }
}

async function recordOperation(run: IdentityRun, startedAt: string, outcome: "done" | "failed" | null): Promise<void> {
  const { engine, operation } = run;
  const { kind, name } = engine.principal;
  await engine.records.operations.put({
    id: operation.id,
    name: "rotate identity",
    stack: engine.stack.name,
    principal: `${kind} ${name}`,
    startedAt,
    endedAt: outcome === null ? null : engine.surroundings.now().toISOString(),
    outcome,
  });
}
