import { RingwallError } from "../../lib/error.ts";
import { terminal } from "../../report/escape.ts";
import { openDatabase } from "../../state/database/open.ts";
import { emptySecretRecord, recordsOf } from "../../state/database/records.ts";
import { StateFolder } from "../../state/state-folder.ts";
import type { Context } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import type { Opened } from "./opened.ts";

/** Records that a secret has a value of today, so that the schedule counts from now; `account` stays as it was. */
export type RememberAge = (secret: string) => Promise<void>;

/**
 * Runs work that gives secrets new values. The schedule is opened first: where it cannot be, nothing has been changed
 * yet. What fails to be recorded afterwards is said and fails nothing, for the value is there; it is due too early then.
 */
export function rememberingAges<T>(
  { folder, stack }: Pick<Opened, "folder" | "stack">,
  context: Context,
  work: (remember: RememberAge) => Promise<T>,
): Promise<T> {
  return handingOver(folder, async () => {
    const state = new StateFolder(folder);
    await state.prepare();
    const url = context.env.DATABASE_URL;
    const db = await openDatabase(url === undefined ? { folder: state.path } : { url });
    try {
      const { secrets } = recordsOf(db);
      return await work((secret) =>
        toldWhenFailing(secret, context, async () => {
          const record = (await secrets.get(stack.name, secret)) ?? emptySecretRecord(stack.name, secret);
          await secrets.put({ ...record, rotatedAt: context.now().toISOString(), exposedSince: null });
        }),
      );
    } finally {
      await db.close();
    }
  });
}

async function toldWhenFailing(secret: string, context: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    context.stderr.write(`${terminal(`Since when "${secret}" has its value is not recorded: ${error.message}`)}\n`);
  }
}
