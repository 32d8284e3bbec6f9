import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder in memory where there is such a place: thousands of journals are synced to the disk line by line. */
export function fastFolder(name: string): Promise<string> {
  return mkdtemp(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `ringwall-${name}-`));
}
