import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceControl } from "../../src/contracts/rotator.ts";

export interface Used {
  readonly account: string | undefined;
  readonly value: string;
}

/**
 * Services that are files: what is delivered lies in one, what the service uses in another, which it takes from the first
 * only when it is told. Any process reaches them by the folder.
 */
export function localConsumers(place: string): Pick<ServiceControl, "isRunning" | "deliver" | "tell"> {
  return {
    isRunning: async () => true,
    deliver: async (service, credentials) => {
      const before = await read(place, service, "delivered");
      const given = [...credentials].map(([secret, { account, value }]) => [
        secret,
        { account, value: value.expose() },
      ]);
      await write(place, service, "delivered", { ...before, ...Object.fromEntries(given) });
      return true;
    },
    tell: async (service) => {
      await write(place, service, "used", await read(place, service, "delivered"));
      return { how: "signal" };
    },
  };
}

/** Gives a service its first value, as `ringwall up` does. */
export async function giveFirst(place: string, service: string, secret: string, used: Used): Promise<void> {
  await mkdir(place, { recursive: true });
  for (const what of ["delivered", "used"] as const) {
    await write(place, service, what, { ...(await read(place, service, what)), [secret]: used });
  }
}

/** What a service signs in with now. */
export async function usedBy(place: string, service: string, secret: string): Promise<Used | undefined> {
  return (await read(place, service, "used"))[secret];
}

type What = "delivered" | "used";

async function read(place: string, service: string, what: What): Promise<Readonly<Record<string, Used>>> {
  const text = await readFile(join(place, `${service}.${what}.json`), "utf8").catch(() => "{}");
  return JSON.parse(text);
}

async function write(
  place: string,
  service: string,
  what: What,
  content: Readonly<Record<string, Used>>,
): Promise<void> {
  const path = join(place, `${service}.${what}.json`);
  await writeFile(`${path}.${process.pid}`, JSON.stringify(content), { mode: 0o600 });
  await rename(`${path}.${process.pid}`, path);
}
