import type { RunBytes } from "../../../lib/child-bytes.ts";
import { RingwallError } from "../../../lib/error.ts";
import type { RotationEngine } from "../engine.ts";
import type { OpenOperation } from "../open-operation.ts";
import { type Fact, type SecretProgress, stepId } from "../progress.ts";
import type { AgeSecrets } from "./age-secrets.ts";
import type { IdentityFiles } from "./identity-files.ts";

/** The name under which the identity is rotated, recorded and scheduled. No secret of a stack may have it then. */
export const identityName = "identity";
/** As the schedule knows it: once a year. */
export const identityRotator = "age-identity";

/** Everything that the rotation of an identity takes from outside. */
export type IdentityEngine = Pick<
  RotationEngine,
  "stack" | "state" | "records" | "ledger" | "principal" | "digest" | "surroundings"
> & {
  readonly stackFolder: string;
  /** Where the identity lies; in the stack's `.ringwall` when left out. */
  readonly identity?: string;
  /** For questions to Git. */
  readonly git: { readonly run: RunBytes; readonly path: string };
  /** For tests that stop the process after a file was written. */
  readonly afterWrite?: (path: string) => Promise<void>;
};

/** One rotation of an identity: what its steps share. */
export interface IdentityRun {
  readonly engine: IdentityEngine;
  readonly operation: OpenOperation;
  readonly progress: SecretProgress;
  readonly files: IdentityFiles;
  readonly age: AgeSecrets;
  /** The public key that goes. */
  readonly former: string;
  /** Whether it stops where both identities open everything. */
  readonly holds: boolean;
}

export type Report = (text: string) => void;

/** Runs one journalled step; one that is done is passed over. */
export async function step(
  run: IdentityRun,
  name: string,
  title: string,
  work: (report: Report) => Promise<void>,
): Promise<void> {
  const { engine, operation, progress } = run;
  if (progress.isDone(name)) return;
  const id = stepId(identityName, name);
  const { tell, clock, signal } = engine.surroundings;
  // What is taken back is taken back to the end.
  if (signal?.aborted === true && !progress.undoing) throw interrupted();
  await operation.assertHeld();
  await operation.log({ kind: "step-started", step: id });
  tell({ kind: "step-started", step: id, title: `${identityName}: ${title}` });
  const start = clock();
  try {
    await work((text) => tell({ kind: "step-progress", step: id, text: withoutIdentities(text) }));
  } catch (error) {
    const message = failureText(error);
    await operation.log({ kind: "step-failed", step: id, message });
    tell({ kind: "step-failed", step: id, message });
    throw error;
  }
  await operation.log({ kind: "step-done", step: id });
  tell({ kind: "step-done", step: id, milliseconds: Math.max(0, clock() - start) });
}

export function note(run: IdentityRun, name: string, data: Readonly<Record<string, Fact>>): Promise<void> {
  return run.operation.log({ kind: "note", step: stepId(identityName, name), data: { ...data } });
}

/** The public key that comes; throws before it is made. */
export function nextKeyOf({ progress }: Pick<IdentityRun, "progress">): string {
  const key = progress.text("next");
  if (key === undefined) throw new Error("the next identity is not made yet");
  return key;
}

function interrupted(): RingwallError {
  return new RingwallError("interrupted", "The rotation of the identity was interrupted.", {
    hint: "`ringwall rotate identity` takes it up.",
  });
}

/** Messages never hold an identity; should one ever, it goes no further. */
export function withoutIdentities(text: string): string {
  return text.replace(/AGE-SECRET-KEY-[0-9A-Z-]*/gi, "‹identity›");
}

/** What an error may say in a journal: its own sentence when it is one of ours, nothing foreign otherwise. */
export function failureText(error: unknown): string {
  return error instanceof RingwallError ? withoutIdentities(error.describe()) : "An internal error.";
}

export async function recordIdentityAction(
  run: IdentityRun,
  outcome: "begun" | "done" | "failed",
  given: {
    readonly before?: string;
    readonly after?: string;
    readonly detail?: Readonly<Record<string, string | number | boolean>>;
  } = {},
): Promise<void> {
  const { engine, operation, former } = run;
  await engine.ledger.append({
    principal: engine.principal,
    action: "secret.rotate",
    target: { kind: "secret", name: identityName },
    stack: engine.stack.name,
    operation: operation.id,
    outcome,
    before: given.before ?? null,
    after: given.after ?? null,
    detail: { rotator: identityRotator, former, ...(operation.emergency ? { emergency: true } : {}), ...given.detail },
  });
}
