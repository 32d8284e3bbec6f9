import { stat } from "node:fs/promises";
import { emptySecretRecord, type Records } from "../../../state/database/records.ts";
import { dueOf, policyOf } from "../schedule/due.ts";
import type { ScheduledSecret } from "../schedule/schedule.ts";
import { type IdentityEngine, identityName, identityRotator } from "./identity-run.ts";
import { filesOf, unfinishedIdentity } from "./rotate-identity.ts";

/**
 * The line of the identity in the schedule; undefined where there is no identity. One that was never rotated is as old as
 * its file, since that was written when it was made.
 */
export async function identitySchedule(
  engine: Pick<IdentityEngine, "stack" | "state" | "identity"> & {
    readonly records: { readonly secrets: Pick<Records["secrets"], "get"> };
    readonly now: Date;
  },
): Promise<ScheduledSecret | undefined> {
  const { stack, now } = engine;
  const made = await stat(filesOf(engine).present).catch(() => undefined);
  if (made === undefined) return undefined;
  const found = await engine.records.secrets.get(stack.name, identityName);
  const rotatedAt = found?.rotatedAt ?? made.mtime.toISOString();
  const record = { ...emptySecretRecord(stack.name, identityName), rotator: identityRotator, rotatedAt };
  const secret = { name: identityName, rotation: { kind: "days", days: 365 } } as const;
  const unfinished = await unfinishedIdentity(engine);
  const policy = policyOf(secret, identityRotator);
  return {
    ...dueOf(secret, identityRotator, record, { stack, now }),
    secret: identityName,
    rotator: identityRotator,
    account: null,
    assisted: false,
    every: policy.kind === "days" ? `${policy.days}d` : "on-compromise",
    expectedMs: 0,
    downtimeMs: found?.downtimeMs ?? null,
    formerUntil: undefined,
    // One that waits for whoever has a copy is not cut off.
    unfinished: unfinished !== undefined && unfinished.progress.fact("held") !== true,
  };
}
