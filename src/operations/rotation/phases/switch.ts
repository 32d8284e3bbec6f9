import type { Credential } from "../../../contracts/rotator.ts";
import { RingwallError } from "../../../lib/error.ts";
import { currentOf, describeVantage, nextOf, obeySignal, phase, type SecretRun, vantagesOf } from "../secret-run.ts";
import { tryUntil } from "../try-credential.ts";

type Report = (text: string) => void;

/** Makes the new value work at the issuer. */
export function stage(run: SecretRun): Promise<void> {
  return phase(run, "stage", run.outline.stages.stage, async () => {
    obeySignal(run);
    const [next, current] = [await nextOf(run), await currentOf(run)];
    await run.rotation.stage(next, current);
  });
}

/** Has each consumer use the new value, one after another: the next begins when the one before is well with it. */
export async function switchConsumers(run: SecretRun): Promise<void> {
  if (run.rotation.switch !== undefined) {
    await phase(run, "switch:all", "switch what uses it", async () => {
      obeySignal(run);
      await run.rotation.switch?.(await nextOf(run));
    });
    return;
  }
  for (const consumer of run.consumers) {
    await phase(run, `switch:${consumer}`, `give ${consumer} the new value`, async (report) => {
      obeySignal(run);
      const next = await nextOf(run);
      run.downtime.using(consumer, "both");
      await give(run, consumer, next, report);
      await demandWorks(run, consumer, next);
      run.downtime.using(consumer, "next");
    });
  }
}

/** Delivers a credential to a service and tells it, once for all files that hold it. */
export async function give(run: SecretRun, service: string, credential: Credential, report: Report): Promise<void> {
  const { services, surroundings } = run.engine;
  await services.deliver(service, new Map([[run.secret.name, credential]]));
  const start = surroundings.clock();
  // Told again after a crash between the two: the file may be new and the service not know it.
  const { how } = await services.tell(service);
  const milliseconds = Math.max(0, surroundings.clock() - start);
  if (how === "restart") run.downtime.restarted(service, milliseconds);
  report(toldText(service, how, milliseconds));
}

function toldText(service: string, how: "none" | "signal" | "command" | "restart", milliseconds: number): string {
  switch (how) {
    case "none":
      return `${service} reads it by itself`;
    case "signal":
      return `${service} was told by a signal`;
    case "command":
      return `${service} was told by its command`;
    case "restart":
      return `${service} was restarted (${(milliseconds / 1000).toFixed(1)} s)`;
  }
}

async function demandWorks(run: SecretRun, service: string, next: Credential): Promise<void> {
  if (!(await run.engine.services.isRunning(service))) {
    throw new RingwallError("engine-failed", `"${service}" does not run any more since it was told.`, {
      hint: `See \`ringwall logs ${service}\`.`,
    });
  }
  const check = await tryUntil(run, next, { kind: "service", service }, "accepted");
  if (check.outcome === "accepted") return;
  throw new RingwallError(
    "engine-failed",
    `The new value does not work from ${service} (${check.outcome}): ${check.detail}`,
  );
}

/** The new value works from everywhere; the last look before the store takes it for the present one. */
export function verify(run: SecretRun): Promise<void> {
  return phase(run, "verify", "see that the new value works everywhere", async () => {
    obeySignal(run);
    await demandAcceptedEverywhere(run, await nextOf(run), "The new value");
  });
}

export async function demandAcceptedEverywhere(run: SecretRun, credential: Credential, what: string): Promise<void> {
  for (const vantage of vantagesOf(run)) {
    const check = await tryUntil(run, credential, vantage, "accepted");
    if (check.outcome === "accepted") continue;
    throw new RingwallError(
      "engine-failed",
      `${what} of "${run.secret.name}" does not work from ${describeVantage(vantage)} (${check.outcome}): ${check.detail}`,
    );
  }
}
