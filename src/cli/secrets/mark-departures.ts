import { besideOf } from "../../operations/rotation/engine.ts";
import type { Departure } from "../../secrets/age-departures.ts";
import { openDatabase } from "../../state/database/open.ts";
import { markExposed, recordsOf } from "../../state/database/records.ts";
import { StateFolder } from "../../state/state-folder.ts";
import type { Context } from "../command.ts";

/** Has the schedule take what those who left still know. Doing it again changes nothing. */
export async function markDepartures(
  of: { readonly folder: string; readonly stack: string; readonly departures: readonly Departure[] },
  context: Context,
): Promise<void> {
  if (of.departures.length === 0) return;
  const state = new StateFolder(of.folder);
  await state.prepare();
  const url = context.env.DATABASE_URL;
  const db = await openDatabase(url === undefined ? { folder: state.path } : { url });
  try {
    const { secrets } = recordsOf(db);
    for (const { at, names } of of.departures) {
      // What a rotation keeps beside a secret ends with it.
      const own = names.filter((name) => besideOf(name) === undefined);
      await markExposed(secrets, of.stack, { at, secrets: own });
    }
  } finally {
    await db.close();
  }
}
