import type { ActionOutcome } from "../../state/ledger/action.ts";
import type { SecretRun } from "./secret-run.ts";

/** Writes to the ledger what happened to the secret; digests are keyed, and no value is in it. */
export async function recordAction(
  { engine, operation, secret, outline }: SecretRun,
  outcome: ActionOutcome,
  given: {
    readonly action?: "secret.rotate" | "secret.replace";
    readonly before?: string | null;
    readonly after?: string | null;
    readonly detail?: Readonly<Record<string, string | number | boolean>>;
  },
): Promise<void> {
  await engine.ledger.append({
    principal: engine.principal,
    action: given.action ?? "secret.rotate",
    target: { kind: "secret", name: secret.name },
    stack: engine.stack.name,
    operation: operation.id,
    outcome,
    before: given.before ?? null,
    after: given.after ?? null,
    detail: { rotator: outline.rotator, ...(operation.emergency ? { emergency: true } : {}), ...given.detail },
  });
}
