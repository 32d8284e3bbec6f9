import type { SecretRecord } from "../../state/database/records.ts";
import type { SecretRun } from "./secret-run.ts";

type Changes = Partial<Pick<SecretRecord, "account" | "rotatedAt" | "downtimeMs" | "rotator">>;

/** Lays changes over what is recorded of the secret; writes nothing when it says so already. */
export async function putRecord(
  { engine, secret }: Pick<SecretRun, "engine" | "secret">,
  changes: Changes,
): Promise<void> {
  const { records, stack } = engine;
  const found = await records.secrets.get(stack.name, secret.name);
  const record = found ?? emptyRecord(stack.name, secret.name);
  const changed: SecretRecord = { ...record, ...changes };
  const same = (["account", "rotatedAt", "downtimeMs", "rotator"] as const).every(
    (key) => changed[key] === record[key],
  );
  if (!same || found === undefined) await records.secrets.put(changed);
}

function emptyRecord(stack: string, secret: string): SecretRecord {
  return { stack, secret, account: null, version: 0, rotatedAt: null, downtimeMs: null, rotator: null, orphans: [] };
}
