import { createHash } from "node:crypto";
import type { ResolvedSecret, ResolvedStack } from "../../../contracts/resolved.ts";
import type { RotationPolicy } from "../../../stack/vocabulary.ts";
import type { SecretRecord } from "../../../state/database/records.ts";
import { type Blackouts, blackoutsOf, firstAllowed } from "./blackout.ts";

const dayMs = 86_400_000;

/**
 * How often what is no declared secret is replaced, by its rotator; a declared one says it itself, 90 days by default
 * (rows R1, R2, R6–R8 and R11–R16 of the coverage table). R9: the age key yearly. R10: the AppRole's secret-id monthly.
 */
const frequencies: Readonly<Record<string, RotationPolicy>> = {
  "age-identity": { kind: "days", days: 365 },
  "vault-approle": { kind: "days", days: 30 },
};

/** How often a secret is to be replaced. */
export function policyOf(secret: Pick<ResolvedSecret, "rotation">, rotator: string | undefined): RotationPolicy {
  return (rotator === undefined ? undefined : frequencies[rotator]) ?? secret.rotation;
}

/** The remark of a secret that somebody who left may know. */
export const knownToWhoLeft = "it was readable by an identity that left";

/** When a secret is to be replaced, and whether that time has come. */
export interface Due {
  /** Undefined while no rotation is recorded. */
  readonly last: Date | undefined;
  /** When `--due` takes it; undefined for a secret that is replaced on compromise only, unless who left knows it. */
  readonly due: Date | undefined;
  /** Whether `--due` would take it now, blackouts aside. */
  readonly isDue: boolean;
  /** Whether the time has come and no window held it back; a secret of unknown age counts as overdue. */
  readonly isOverdue: boolean;
  /** A sentence where something is odd: no rotation is recorded, the clock went back, somebody who left knows it. */
  readonly remark: string | undefined;
}

/** What the schedule rests on. */
export interface ScheduleInputs {
  readonly stack: Pick<ResolvedStack, "name" | "rotation">;
  readonly now: Date;
}

export function dueOf(
  secret: Pick<ResolvedSecret, "name" | "rotation">,
  rotator: string | undefined,
  record: SecretRecord | undefined,
  { stack, now }: ScheduleInputs,
): Due {
  const policy = policyOf(secret, rotator);
  const parsed = record?.rotatedAt === null || record === undefined ? Number.NaN : Date.parse(record.rotatedAt);
  const last = Number.isNaN(parsed) ? undefined : new Date(parsed);
  // Who left may know the value: it waits for no clock, not even one that is replaced on compromise only.
  if (typeof record?.exposedSince === "string")
    return { last, due: now, isDue: true, isOverdue: true, remark: knownToWhoLeft };
  if (policy.kind === "on-compromise")
    return { last, due: undefined, isDue: false, isOverdue: false, remark: undefined };
  if (last === undefined) {
    const remark = "no rotation is recorded, so its age is not known";
    return { last, due: now, isDue: true, isOverdue: true, remark };
  }
  // A rotation that lies ahead was recorded before the clock went back: it is as old as can be told, which is nothing.
  const ahead = last > now;
  const from = ahead ? now : last;
  const early = jitterMs(stack, secret.name, last);
  const exact = new Date(from.getTime() + Math.max(dayMs / 2, policy.days * dayMs - early));
  const due = firstAllowed(exact, blackouts(stack)) ?? exact;
  const remark = ahead ? "it was rotated in the future: this machine's clock has gone back" : undefined;
  return { last, due, isDue: now >= exact, isOverdue: now >= due, remark };
}

function blackouts(stack: ScheduleInputs["stack"]): Blackouts {
  return blackoutsOf(stack.rotation);
}

/**
 * How much earlier than its time a secret is taken, so that not all of a stack come on one day: from none up to the
 * declared jitter, the same whenever it is asked. Earlier and never later: nothing is overdue because of it.
 */
function jitterMs(stack: ScheduleInputs["stack"], secret: string, last: Date): number {
  const digest = createHash("sha256").update(`${stack.name}\n${secret}\n${last.toISOString()}`).digest();
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * stack.rotation.jitterSeconds * 1000);
}
