import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { IdentityHost } from "./identity-host.ts";

/** Every text that a rotation writes or tells, but for the identity's own files; to be searched for values. */
export async function allTextsOf(host: IdentityHost): Promise<string> {
  const files = await readdir(host.folder, { recursive: true, withFileTypes: true });
  const looked = files.filter((file) => file.isFile() && !/^identity(--next|--previous)?$/.test(file.name));
  const texts = await Promise.all(looked.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
  const records = [...host.records.kept.values(), ...host.records.operationsKept.values()];
  return [
    ...texts,
    ...files.map(({ name }) => name),
    JSON.stringify([host.ledger.actions, records]),
    ...host.told,
  ].join("\n");
}
