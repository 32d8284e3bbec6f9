import { RingwallError } from "../../lib/error.ts";
import { openIncident } from "./incident/open-incident.ts";
import { commit } from "./phases/commit.ts";
import { generate } from "./phases/generate.ts";
import { preflight } from "./phases/preflight.ts";
import { prove, record, retireLater, revoke } from "./phases/retire.ts";
import { stage, switchConsumers, verify } from "./phases/switch.ts";
import type { Settled } from "./progress.ts";
import { recordAction } from "./record-action.ts";
import { messageOf, type SecretRun } from "./secret-run.ts";
import { undo, undoFailed } from "./undo.ts";

/**
 * Brings the rotation of one secret to its end, from wherever an interruption left it. Resolves with how it ended;
 * `undone` only when an earlier process had decided so. When something fails before the commit, all is taken back and
 * the failure is thrown; when something fails after, the failure is thrown and the rotation stays unfinished.
 */
export async function rotateSecret(run: SecretRun): Promise<Settled> {
  try {
    if (run.progress.undoing) {
      await takeBack(run, run.progress.text("because") ?? "it was interrupted");
      return "undone";
    }
    if (!run.retires && !run.progress.committing) await untilCommit(run);
    return await fromCommit(run);
  } finally {
    await run.downtime.stop();
  }
}

async function untilCommit(run: SecretRun): Promise<void> {
  try {
    await preflight(run);
    await generate(run);
    run.downtime.start();
    await stage(run);
    await switchConsumers(run);
    await verify(run);
  } catch (error) {
    await takeBack(run, messageOf(error));
    throw error;
  }
}

async function takeBack(run: SecretRun, because: string): Promise<void> {
  try {
    await undo(run, because);
  } catch (error) {
    throw undoFailed(run.secret.name, because, error);
  }
}

async function fromCommit(run: SecretRun): Promise<Settled> {
  try {
    if (!run.retires) await commit(run);
    if (worksOnOutside(run)) {
      await retireLater(run);
      return "retiring";
    }
    await revoke(run);
    if (run.operation.emergency) await openIncident(run);
    await prove(run);
    await record(run);
    return "done";
  } catch (error) {
    await tellLedgerOfFailure(run, error);
    throw error;
  }
}

/** Whether the former value is to go on working for users outside the stack. */
function worksOnOutside({ secret, outline, operation, progress, retires }: SecretRun): boolean {
  if (retires || operation.emergency || !outline.overlap) return false;
  return secret.overlapSeconds > 0 && progress.fact("had") !== false && !progress.hasStarted("revoke");
}

/** The journal has the failure already; a ledger that cannot be written must not hide it. */
async function tellLedgerOfFailure(run: SecretRun, error: unknown): Promise<void> {
  if (error instanceof RingwallError && error.code === "interrupted") return;
  await recordAction(run, "failed", { detail: { because: messageOf(error) } }).catch(() => undefined);
}
