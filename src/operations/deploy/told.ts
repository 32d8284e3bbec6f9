import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, writeFileAtomic } from "../../lib/atomic-write.ts";

/**
 * What the container of a service was told of: the very files that it was asked to read again. A crash between a delivery
 * and the telling leaves a file that is not here, so that the service is told the next time.
 */
export interface Told {
  readonly container: string;
  /** Path → what tells this file from the one before and after it. */
  readonly files: Readonly<Record<string, string>>;
}

const schema = z.object({ container: z.string(), files: z.record(z.string(), z.string()) });

/** `/var/lib/ringwall/shop/told/mqtt.json`; no container sees it. */
export function toldPath(deliveryFolder: string, service: string): string {
  return join(deliveryFolder, "told", `${service}.json`);
}

/** Undefined where nothing is recorded, or nothing that can be read: the service is told again then. */
export async function readTold(deliveryFolder: string, service: string): Promise<Told | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(toldPath(deliveryFolder, service), "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Records that a container was told of what lies at these paths as it was when they were stamped. */
export async function writeTold(deliveryFolder: string, service: string, told: Told): Promise<void> {
  const path = toldPath(deliveryFolder, service);
  await makeFolder(join(deliveryFolder, "told"), 0o700);
  await writeFileAtomic(path, `${JSON.stringify(told)}\n`, { mode: 0o600 });
}

/** Tells a file from any that takes its place, whatever the clock says; undefined when it cannot be seen. */
export async function fileStamp(path: string): Promise<string | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.ino}:${found.ctimeNs}`;
}
