import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MemoryLedger, MemoryRecords } from "./memory.ts";

/** What a host of a test keeps and tells beside its files. */
export interface Telling {
  readonly records: MemoryRecords;
  readonly ledger: MemoryLedger;
  readonly told: readonly string[];
}

/** Every text below a folder that `read` lets through, every file's name, the ledger, the records and what was told. */
export async function textsOf(host: Telling, folder: string, read: (file: Dirent) => boolean): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const looked = files.filter((file) => file.isFile() && read(file));
  const texts = await Promise.all(looked.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
  const records = [...host.records.kept.values(), ...host.records.operationsKept.values()];
  return [
    ...texts,
    ...files.map(({ name }) => name),
    JSON.stringify([host.ledger.actions, records]),
    ...host.told,
  ].join("\n");
}
