import type { ResolvedSecret } from "../../contracts/resolved.ts";
import type { Credential, Rotation, RotationOutline, Vantage } from "../../contracts/rotator.ts";
import { RingwallError } from "../../lib/error.ts";
import type { Secret } from "../../secrets/secret.ts";
import { redactor } from "../deploy/redact.ts";
import { nextName, previousName, type RotationEngine } from "./engine.ts";
import type { OpenOperation } from "./open-operation.ts";
import { type Fact, type SecretProgress, stepId } from "./progress.ts";

/** One secret within one operation: what its phases share. */
export interface SecretRun {
  readonly engine: RotationEngine;
  readonly operation: OpenOperation;
  readonly secret: ResolvedSecret;
  readonly outline: RotationOutline;
  readonly rotation: Rotation;
  readonly progress: SecretProgress;
  /** Services that switch, in order; those of when it began. */
  readonly consumers: readonly string[];
  /** Whether only the former value is to be ended, the new one being in use since an earlier operation. */
  readonly retires: boolean;
  readonly downtime: Downtime;
}

/** What is measured while the credential changes. */
export interface Downtime {
  /** Begins to try; what each consumer uses now is told by `using`. */
  start(): void;
  /** What a consumer may use from now on: `both` while it changes. */
  using(consumer: string, which: "current" | "both" | "next"): void;
  /** A consumer did not serve for so long, since it was restarted. */
  restarted(consumer: string, milliseconds: number): void;
  /** Milliseconds, or null where an interruption went unmeasured. May be called again. */
  stop(): Promise<number | null>;
}

type Report = (text: string) => void;

/**
 * Runs one phase as a journalled step; a phase that is done is passed over. Whatever it throws or reports is told without
 * the values at hand.
 */
export async function phase(run: SecretRun, name: string, title: string, work: (report: Report) => Promise<void>) {
  const { engine, operation, progress, secret } = run;
  const step = stepId(secret.name, name);
  const { tell, clock } = engine.surroundings;
  if (progress.isDone(name)) return;
  await operation.assertHeld();
  await operation.log({ kind: "step-started", step });
  tell({ kind: "step-started", step, title: `${secret.name}: ${title}` });
  const start = clock();
  const redact = await redactorOf(run);
  try {
    await work((text) => tell({ kind: "step-progress", step, text: redact(text) }));
  } catch (error) {
    const safe = withoutValues(error, await redactorOf(run));
    const message = messageOf(safe);
    await operation.log({ kind: "step-failed", step, message });
    tell({ kind: "step-failed", step, message });
    throw safe;
  }
  await operation.log({ kind: "step-done", step });
  tell({ kind: "step-done", step, milliseconds: Math.max(0, clock() - start) });
}

/** Keeps what a step needs again after a crash; never a value. */
export function note(run: SecretRun, name: string, data: Readonly<Record<string, Fact>>): Promise<void> {
  return run.operation.log({ kind: "note", step: stepId(run.secret.name, name), data: { ...data } });
}

/** Throws `interrupted` when the person has asked to stop. */
export function obeySignal(run: SecretRun): void {
  if (run.engine.surroundings.signal?.aborted !== true) return;
  throw new RingwallError("interrupted", `The rotation of "${run.secret.name}" was interrupted.`, {
    hint: "`ringwall rotate --resume` takes it up, if anything is left to do.",
  });
}

/** The credential that is being replaced; undefined when the secret had none. */
export async function currentOf(run: SecretRun): Promise<Credential | undefined> {
  const { store } = run.engine;
  const { name } = run.secret;
  if (run.progress.fact("had") === false) return undefined;
  const former = run.progress.committing || run.retires ? await store.get(previousName(name)) : undefined;
  const value = former ?? (run.retires || run.progress.isDone("commit") ? undefined : await store.get(name));
  return value === undefined ? undefined : { account: run.progress.text("previousAccount"), value };
}

/** The credential that replaces it; throws when the store has lost it. */
export async function nextOf(run: SecretRun): Promise<Credential> {
  const { store } = run.engine;
  const { name } = run.secret;
  const staged = run.retires ? undefined : await store.get(nextName(name));
  const value = staged ?? (run.retires || run.progress.committing ? await store.get(name) : undefined);
  if (value !== undefined) return { account: run.progress.text("account"), value };
  throw new RingwallError("secret-missing", `The new value of "${name}" is not in the store any more.`, {
    hint: `${store.description} had it as ${nextName(name)}; somebody removed it while it was being rotated.`,
  });
}

/** Where a credential is tried from: every consumer; where there is none, the issuer; else this host. */
export function vantagesOf(run: Pick<SecretRun, "consumers" | "outline">): readonly Vantage[] {
  if (run.consumers.length > 0) return run.consumers.map((service) => ({ kind: "service", service }));
  const { issuer } = run.outline;
  return [issuer === undefined ? { kind: "host" } : { kind: "service", service: issuer }];
}

export function describeVantage(vantage: Vantage): string {
  return vantage.kind === "host" ? "this host" : vantage.service;
}

/** A function that hides the values of the secret, old and new, in a text. */
export async function redactorOf({ engine: { store }, secret }: Pick<SecretRun, "engine" | "secret">) {
  const names = [secret.name, nextName(secret.name), previousName(secret.name)];
  // A store that fails is told by the step that needs it; then nothing was read that could be told.
  const found = await Promise.all(names.map((name) => store.get(name).catch(() => undefined)));
  return redactor(found.filter((value): value is Secret => value !== undefined));
}

/** The same error without values in it; a bug stays as it is, its message is told nowhere. */
function withoutValues(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof RingwallError)) return error;
  return new RingwallError(error.code, redact(error.message), {
    details: error.details.map(redact),
    ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
    ...(error.place === undefined ? {} : { place: error.place }),
  });
}

/** What an error may say in a journal: its own sentence when it is one of ours, nothing foreign otherwise. */
export function messageOf(error: unknown): string {
  return error instanceof RingwallError ? error.describe() : "An internal error.";
}
