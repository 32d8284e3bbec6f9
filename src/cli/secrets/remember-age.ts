import { openDatabase } from "../../state/database/open.ts";
import { recordsOf } from "../../state/database/records.ts";
import { StateFolder } from "../../state/state-folder.ts";
import type { Context } from "../command.ts";
import type { Opened } from "./opened.ts";

/** Records that secrets have values of today, so that the schedule counts from now; `account` stays as it was. */
export async function rememberAge(
  { folder, stack }: Pick<Opened, "folder" | "stack">,
  names: readonly string[],
  context: Context,
): Promise<void> {
  if (names.length === 0) return;
  const state = new StateFolder(folder);
  await state.prepare();
  const url = context.env.DATABASE_URL;
  const db = await openDatabase(url === undefined ? { folder: state.path } : { url });
  try {
    const { secrets } = recordsOf(db);
    for (const secret of names) {
      const known = await secrets.get(stack.name, secret);
      const empty = {
        stack: stack.name,
        secret,
        account: null,
        version: 0,
        downtimeMs: null,
        rotator: null,
        orphans: [],
      };
      await secrets.put({ ...(known ?? empty), rotatedAt: context.now().toISOString() });
    }
  } finally {
    await db.close();
  }
}
