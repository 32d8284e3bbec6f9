import { emptySecretRecord, type SecretRecord } from "../../state/database/records.ts";
import type { SecretRun } from "./secret-run.ts";

type Changes = Partial<Pick<SecretRecord, "account" | "rotatedAt" | "downtimeMs" | "rotator">>;

/**
 * Lays changes over what is recorded of the secret; writes nothing when it says so already. A rotation after somebody
 * left takes from them what they knew.
 */
export async function putRecord(
  { engine, secret }: Pick<SecretRun, "engine" | "secret">,
  changes: Changes,
): Promise<void> {
  const { records, stack } = engine;
  const found = await records.secrets.get(stack.name, secret.name);
  const record = found ?? emptySecretRecord(stack.name, secret.name);
  const { exposedSince } = record;
  const replaced = exposedSince !== null && typeof changes.rotatedAt === "string" && changes.rotatedAt > exposedSince;
  const changed: SecretRecord = { ...record, ...changes, exposedSince: replaced ? null : exposedSince };
  const same = (["account", "rotatedAt", "exposedSince", "downtimeMs", "rotator"] as const).every(
    (key) => changed[key] === record[key],
  );
  if (!same || found === undefined) await records.secrets.put(changed);
}
