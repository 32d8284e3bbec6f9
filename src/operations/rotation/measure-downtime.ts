import type { CredentialCheck } from "../../contracts/rotator.ts";
import type { RotationEngine } from "./engine.ts";
import { currentOf, type Downtime, nextOf, type SecretRun } from "./secret-run.ts";

type Which = "current" | "both" | "next";

/**
 * Measures what consumers are without while a credential changes: how long none that a consumer may use was accepted
 * from there, or how long it was being restarted, whichever is longer. Only an issuer of the stack is asked again and
 * again; one outside would take it for an attack, and a part that went by while no process ran was not measured.
 */
export function measureDowntime(engine: RotationEngine, run: () => SecretRun): Downtime {
  const state = new Map<string, Which>();
  let watch: ReturnType<NonNullable<RotationEngine["watch"]>> | undefined;
  let missed = false;
  let restarts: number | undefined;
  let result: Promise<number | null> | undefined;
  const check = async (consumer: string): Promise<CredentialCheck> => {
    const which = state.get(consumer) ?? "current";
    const service = { kind: "service", service: consumer } as const;
    const current = which === "next" ? undefined : await currentOf(run());
    const first = current === undefined ? undefined : await run().rotation.verify(current, service);
    if (which === "current" || first?.outcome === "accepted") return first ?? nothingToTry;
    return run().rotation.verify(await nextOf(run()), service);
  };
  const measured = async (): Promise<number | null> => {
    const seen = await watch?.stop();
    if (missed || (seen === undefined && restarts === undefined)) return null;
    return Math.round(Math.max(seen?.milliseconds ?? 0, restarts ?? 0));
  };
  return {
    start() {
      const { progress, outline, consumers } = run();
      missed = progress.hasStarted("stage");
      if (missed || outline.issuer === undefined || consumers.length === 0 || progress.fact("had") === false) return;
      watch = engine.watch?.(consumers.map((consumer) => () => check(consumer)));
    },
    using: (consumer, which) => void state.set(consumer, which),
    restarted(_consumer, milliseconds) {
      restarts = Math.max(restarts ?? 0, milliseconds);
    },
    stop() {
      result ??= measured();
      return result;
    },
  };
}

const nothingToTry: CredentialCheck = { outcome: "accepted", detail: "there was no value before" };
