import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../lib/process-alive.ts";
import type { Secret } from "./secret.ts";

const prefix = "ringwall-secret-";
/** Memory, where Linux has it: nothing that lies there reaches a disk, and nothing survives a reboot. */
const memory = "/dev/shm";

/**
 * Gives secrets to a program that reads them from files only: a private folder (0700) in memory with one file (0600)
 * each, there for as long as `work` runs. Folders that killed processes left are removed first.
 */
export async function withSecretFiles<T>(
  secrets: Readonly<Record<string, Secret>>,
  work: (paths: Readonly<Record<string, string>>, folder: string) => Promise<T>,
): Promise<T> {
  const parent = await stat(memory).then(
    (found) => (found.isDirectory() ? memory : tmpdir()),
    () => tmpdir(),
  );
  await removeLeftovers(parent);
  const folder = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  try {
    await chmod(folder, 0o700);
    const paths: Record<string, string> = {};
    for (const [name, secret] of Object.entries(secrets)) {
      paths[name] = join(folder, name);
      await writeFile(paths[name], secret.expose(), { mode: 0o600, flag: "wx" });
    }
    return await work(paths, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : 0;
    if (pid > 0 && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
