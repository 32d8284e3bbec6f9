import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { inParallel } from "../../lib/in-parallel.ts";

const run = promisify(execFile);
const answer = z.array(z.object({ dev: z.string().optional() }));

/**
 * The interface through which the host would send a packet for each address; absent for an address to which it knows no
 * way. Asks the kernel (`ip route get`), and sends nothing.
 */
export async function hostRoutes(addresses: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const routes = new Map<string, string>();
  await inParallel([...new Set(addresses)], 8, async (address) => {
    const device = await run("ip", ["-j", "route", "get", address], { timeout: 10_000 }).then(
      ({ stdout }) => answer.safeParse(JSON.parse(stdout)).data?.[0]?.dev,
      () => undefined,
    );
    if (device !== undefined) routes.set(address, device);
  });
  return routes;
}
