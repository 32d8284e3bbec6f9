import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AccountOf } from "../secrets/secret-values.ts";
import type { StateFolder } from "../state/state-folder.ts";

/** The account in turn of each secret, as rotations recorded it; opens no database where there is none yet. */
export async function recordedAccounts(
  state: Pick<StateFolder, "path">,
  stack: string,
  databaseUrl: string | undefined,
): Promise<AccountOf> {
  if (databaseUrl === undefined && !existsSync(join(state.path, "state.db"))) return () => undefined;
  const { openDatabase } = await import("../state/database/open.ts");
  const { recordsOf } = await import("../state/database/records.ts");
  const db = await openDatabase(databaseUrl === undefined ? { folder: state.path } : { url: databaseUrl });
  try {
    const records = await recordsOf(db).secrets.list(stack);
    const accounts = new Map(records.map(({ secret, account }) => [secret, account ?? undefined]));
    return (secret) => accounts.get(secret);
  } finally {
    await db.close();
  }
}
