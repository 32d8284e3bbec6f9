import { rotatorOf } from "../create-run.ts";
import type { RotationEngine } from "../engine.ts";
import { readRetiring } from "../retiring.ts";
import { findUnfinishedRotations } from "../unfinished.ts";
import { type Due, dueOf, policyOf } from "./due.ts";

/** One line of the schedule. */
export interface ScheduledSecret extends Due {
  readonly secret: string;
  /** Undefined when nothing knows how it is replaced. */
  readonly rotator: string | undefined;
  readonly assisted: boolean;
  /** The account that goes with the present value; null where the value stands alone. */
  readonly account: string | null;
  /** `90d` or `on-compromise`. */
  readonly every: string;
  readonly expectedMs: number | undefined;
  /** As measured at the last rotation; null when it was not. */
  readonly downtimeMs: number | null;
  /** Until when its former value works; undefined when it is ended. */
  readonly formerUntil: Date | undefined;
  /** Whether its rotation began and is not at its end. */
  readonly unfinished: boolean;
}

type ScheduleEngine = Pick<RotationEngine, "stack" | "state" | "records" | "rotators"> & { readonly now: Date };

/** When each secret of a stack is replaced, the next one first; secrets that follow from others are left out. */
export async function scheduleOf(engine: ScheduleEngine): Promise<readonly ScheduledSecret[]> {
  const { stack, state, records, now } = engine;
  const known = new Map((await records.secrets.list(stack.name)).map((record) => [record.secret, record]));
  const retiring = new Map((await readRetiring(state)).map((entry) => [entry.secret, new Date(entry.retireAfter)]));
  const open = (await findUnfinishedRotations(state.journals)).flatMap((one) => one.open.map(({ secret }) => secret));
  const rows = stack.secrets.flatMap((secret): ScheduledSecret[] => {
    if (secret.derived !== undefined) return [];
    const outline = rotatorOf(engine, secret)?.outline;
    const record = known.get(secret.name);
    const policy = policyOf(secret, outline?.rotator);
    return [
      {
        ...dueOf(secret, outline?.rotator, record, { stack, now }),
        secret: secret.name,
        rotator: outline?.rotator,
        assisted: outline?.assisted ?? false,
        account: record?.account ?? secret.issuedBy?.account ?? null,
        every: policy.kind === "days" ? `${policy.days}d` : "on-compromise",
        expectedMs: outline?.downtime.milliseconds,
        downtimeMs: record?.downtimeMs ?? null,
        formerUntil: retiring.get(secret.name),
        unfinished: open.includes(secret.name),
      },
    ];
  });
  return rows.sort((a, b) => timeOf(a) - timeOf(b) || (a.secret < b.secret ? -1 : 1));
}

/** Whether `rotate` should have done something by now; what no rotator knows is listed, and never late. */
export function isLate(row: ScheduledSecret, now: Date): boolean {
  return (
    (row.isOverdue && row.rotator !== undefined) ||
    row.unfinished ||
    (row.formerUntil !== undefined && row.formerUntil <= now)
  );
}

function timeOf({ due }: ScheduledSecret): number {
  return due?.getTime() ?? Number.MAX_SAFE_INTEGER;
}
