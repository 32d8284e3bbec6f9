import { RingwallError } from "../../lib/error.ts";
import { nextName } from "./engine.ts";
import { demandAcceptedEverywhere, give } from "./phases/switch.ts";
import { recordAction } from "./record-action.ts";
import { currentOf, messageOf, nextOf, note, phase, type SecretRun } from "./secret-run.ts";

/**
 * Takes back what a rotation did before its commit: consumers get the former value again, the issuer forgets the new one,
 * the store too. Journalled like the way forward, so that it is taken up after a crash. Resolves when all is as before;
 * throws what failed, and the rotation stays unfinished.
 */
export async function undo(run: SecretRun, because: string): Promise<void> {
  if (!run.progress.undoing) await note(run, "undo", { undoing: true, because });
  // With one credential at a time the former one must work again before anybody is given it.
  const backwards = run.outline.overlap ? [takeBackConsumers, takeBackStage] : [takeBackStage, takeBackConsumers];
  for (const part of backwards) await part(run);
  if (run.progress.hasStarted("stage")) await seeOldWorks(run);
  await forgetNext(run);
  await tellLedger(run, run.progress.text("because") ?? because);
  await note(run, "undo", { settled: "undone" });
}

/** Only a value of this rotation: one that was there before it is another's, and was why it did not begin. */
async function forgetNext(run: SecretRun): Promise<void> {
  if (run.progress.fact("generated") !== true) return;
  await phase(run, "undo-generate", "forget the new value", () => run.engine.store.remove(nextName(run.secret.name)));
}

/** All is as before by now: a ledger that cannot be written does not leave the rotation open. */
async function tellLedger(run: SecretRun, because: string): Promise<void> {
  const { tell } = run.engine.surroundings;
  await recordAction(run, "failed", { detail: { because } }).catch((error: unknown) => {
    tell({
      kind: "step-progress",
      step: "ledger",
      text: `The ledger was not told of the failure: ${messageOf(error)}`,
    });
  });
}

async function takeBackConsumers(run: SecretRun): Promise<void> {
  const current = await currentOf(run);
  if (current === undefined) return;
  for (const started of run.progress.startedLike("switch:").toReversed()) {
    const consumer = started.slice("switch:".length);
    await phase(
      run,
      `undo-${started}`,
      `give ${consumer === "all" ? "everybody" : consumer} the former value again`,
      async (report) => {
        if (run.rotation.switch === undefined) await give(run, consumer, current, report);
        else await run.rotation.switch(current);
        run.downtime.using(consumer, "current");
      },
    );
  }
}

async function takeBackStage(run: SecretRun): Promise<void> {
  const obtained = run.rotation.obtain !== undefined && run.progress.isDone("generate");
  if (!run.progress.hasStarted("stage") && !obtained) return;
  await phase(run, "undo-stage", "have the issuer forget the new value", async () => {
    await run.rotation.unstage(await nextOf(run), await currentOf(run));
  });
}

function seeOldWorks(run: SecretRun): Promise<void> {
  return phase(run, "undo-verify", "see that the former value works again", async () => {
    const current = await currentOf(run);
    if (current !== undefined) await demandAcceptedEverywhere(run, current, "The former value");
  });
}

/** The failure of a rotation that could not be taken back either. */
export function undoFailed(name: string, because: string, error: unknown): RingwallError {
  return new RingwallError(
    "engine-failed",
    `The rotation of "${name}" failed (${because}) and could not be taken back: ${messageOf(error)}`,
    { hint: "`ringwall rotate --resume` goes on taking it back." },
  );
}
