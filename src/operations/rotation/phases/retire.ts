import { RingwallError } from "../../../lib/error.ts";
import { patience, previousName } from "../engine.ts";
import { putRecord } from "../put-record.ts";
import { recordAction } from "../record-action.ts";
import { addRetiring, removeRetiring } from "../retiring.ts";
import {
  currentOf,
  describeVantage,
  nextOf,
  note,
  obeySignal,
  phase,
  type SecretRun,
  vantagesOf,
} from "../secret-run.ts";
import { tryUntil } from "../try-credential.ts";
import { demandAcceptedEverywhere } from "./switch.ts";

/** Leaves the former value working for users outside the stack; a later rotation ends it. */
export function retireLater(run: SecretRun): Promise<void> {
  return phase(run, "retire-later", "keep the former value working for a while", async (report) => {
    const { engine, operation, outline, progress, secret } = run;
    const committed = Date.parse(progress.text("committedAt") ?? engine.surroundings.now().toISOString());
    const retireAfter = new Date(committed + secret.overlapSeconds * 1000).toISOString();
    await noteDowntime(run);
    await putRecord(run, replaced(run));
    await addRetiring(engine.state, {
      secret: secret.name,
      rotator: outline.rotator,
      operation: operation.id,
      previousAccount: progress.text("previousAccount") ?? null,
      account: progress.text("account") ?? null,
      retireAfter,
    });
    await recordAction(run, "done", { action: "secret.replace", ...(await digests(run)), detail: { retireAfter } });
    await note(run, "retire-later", { settled: "retiring", retireAfter });
    report(`it works until ${retireAfter}; \`ringwall rotate --due\` ends it then, \`--retire-now\` at once`);
  });
}

/** Waits, as far as the issuer can tell, until nobody uses the former value, and ends it. */
export async function revoke(run: SecretRun): Promise<void> {
  const { rotation, outline, operation } = run;
  if (rotation.drained !== undefined && !operation.emergency) {
    await phase(run, "drain", "wait until nobody uses the former value", async (report) => {
      obeySignal(run);
      const previous = await currentOf(run);
      if (previous === undefined || (await rotation.drained?.(previous, patience.drain)) !== false) return;
      report(`somebody still used it after ${patience.drain / 1000} s; that use ends with it`);
    });
  }
  await phase(run, "revoke", outline.stages.revoke, async () => {
    obeySignal(run);
    const previous = await currentOf(run);
    if (previous !== undefined) await rotation.revoke(previous, await nextOf(run));
  });
}

/**
 * Proves that the former value is refused from everywhere and that the new one still works. Silence proves nothing, and
 * a former value that still works fails the rotation, which stays unfinished; the next try ends it once more.
 */
export function prove(run: SecretRun): Promise<void> {
  const isTriedAgain = run.progress.hasStarted("prove");
  return phase(run, "prove", run.outline.stages.proof, async (report) => {
    obeySignal(run);
    const previous = await currentOf(run);
    const next = await nextOf(run);
    await demandAcceptedEverywhere(run, next, "The new value");
    // The issuer said that it ended it, and it worked all the same: to look once more alone would change nothing.
    if (isTriedAgain && previous !== undefined) await run.rotation.revoke(previous, next);
    for (const from of previous === undefined ? [] : vantagesOf(run)) {
      if (previous === undefined) continue;
      const check = await tryUntil(run, previous, from, "refused");
      if (check.outcome !== "refused") throw notDead(run.secret.name, describeVantage(from), check);
      report(`refused from ${describeVantage(from)}: ${check.detail}`);
    }
    await noteDowntime(run);
  });
}

function notDead(
  name: string,
  where: string,
  check: { readonly outcome: string; readonly detail: string },
): RingwallError {
  const hint = "The new value is in use everywhere. `ringwall rotate --resume` tries again to end the old one.";
  return check.outcome === "accepted"
    ? new RingwallError("engine-failed", `The OLD value of "${name}" STILL WORKS from ${where}: ${check.detail}`, {
        hint,
      })
    : new RingwallError(
        "engine-failed",
        `That the old value of "${name}" is dead is not proven from ${where}: ${check.detail}`,
        {
          hint,
        },
      );
}

/** Records that the secret was rotated, and lets go of the former value. */
export function record(run: SecretRun): Promise<void> {
  return phase(run, "record", "record it", async () => {
    const { engine, secret, progress, retires } = run;
    if (!retires) await putRecord(run, replaced(run));
    if (progress.fact("recorded") !== true) {
      const downtime = progress.fact("downtimeMs");
      const detail = typeof downtime === "number" ? { downtimeMs: downtime } : {};
      await recordAction(run, "done", { ...(await digests(run)), detail });
      await note(run, "record", { recorded: true });
    }
    await engine.store.remove(previousName(secret.name));
    await removeRetiring(engine.state, secret.name);
    await note(run, "record", { settled: "done" });
  });
}

function replaced({ progress, outline }: SecretRun) {
  const downtime = progress.fact("downtimeMs");
  return {
    account: progress.text("account") ?? null,
    rotatedAt: progress.text("committedAt") ?? null,
    downtimeMs: typeof downtime === "number" ? downtime : null,
    rotator: outline.rotator,
  };
}

async function digests(run: SecretRun): Promise<{ readonly before: string | null; readonly after: string | null }> {
  const previous = await currentOf(run);
  const { digest } = run.engine;
  return {
    before: previous === undefined ? null : digest(run.secret.name, previous.value),
    after: digest(run.secret.name, (await nextOf(run)).value),
  };
}

async function noteDowntime(run: SecretRun): Promise<void> {
  if (run.progress.fact("downtimeMs") !== undefined) return;
  await note(run, "downtime", { downtimeMs: await run.downtime.stop() });
}
