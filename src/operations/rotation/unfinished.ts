import { RingwallError } from "../../lib/error.ts";
import { findOpenJournals, type JournalRecord } from "../../state/journal.ts";
import { progressOf, type SecretProgress } from "./progress.ts";

/** A rotation that a crash interrupted, or that could not be brought to its end. */
export interface UnfinishedRotation {
  readonly id: string;
  readonly path: string;
  readonly begunAt: string;
  /** The last time that it wrote; the machine's clock may have gone back since. */
  readonly lastAt: string;
  readonly emergency: boolean;
  /** Secrets that began and are not settled. */
  readonly open: readonly SecretProgress[];
  /** All that it tells of, settled ones too. */
  readonly all: ReadonlyMap<string, SecretProgress>;
  /** Programs that it started and that may still run. */
  readonly programs: readonly Extract<JournalRecord, { kind: "program" }>[];
}

/** Rotations of a stack that are not at their end, the oldest first. */
export async function findUnfinishedRotations(journals: string): Promise<readonly UnfinishedRotation[]> {
  const open = await findOpenJournals(journals, "rotate");
  return open.flatMap(({ path, records }) => {
    const begun = records[0];
    if (begun?.kind !== "begun") return [];
    const all = progressOf(records);
    return [
      {
        id: begun.id,
        path,
        begunAt: begun.at,
        lastAt: records.at(-1)?.at ?? begun.at,
        emergency: begun.request?.emergency === true,
        open: [...all.values()].filter((progress) => progress.begun && progress.settled === undefined),
        all,
        programs: records.filter((record) => record.kind === "program"),
      },
    ];
  });
}

/** What another command wants to do while a rotation may be unfinished. */
export type Intent = "up" | "down-volumes" | "set-secret";

/**
 * Throws `conflict` while a rotation of the stack is unfinished and the intent would get in its way. Once the new value
 * is everywhere and only the old one is still to be ended, `up` is let through: what it delivers is the new value.
 */
export async function refuseWhileRotating(journals: string, intent: Intent, stack: string): Promise<void> {
  const unfinished = await findUnfinishedRotations(journals);
  const open = unfinished.flatMap((rotation) => rotation.open.map((progress) => ({ rotation, progress })));
  const inTheWay = open.find(({ progress }) => intent !== "up" || !progress.isDone("commit"));
  if (inTheWay === undefined) return;
  const { rotation, progress } = inTheWay;
  throw new RingwallError(
    "conflict",
    `The rotation of "${progress.secret}" that began at ${rotation.begunAt} is unfinished; nothing was done.`,
    {
      hint: `\`ringwall rotate --resume\` finishes or undoes it. If it needs services that do not run, start them as they are: \`docker compose -p ${stack} start\`.`,
    },
  );
}
