import { lstat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { RingwallError } from "../../lib/error.ts";

/**
 * Refuses a rendered folder that is reached through a link below the stack's own folder: a repository of somebody
 * else's could have files written wherever the link leads. Folders that are not there yet are fine.
 */
export async function refuseLinkedFolder(stackFolder: string, renderedFolder: string): Promise<void> {
  let path = stackFolder;
  for (const part of relative(stackFolder, renderedFolder).split(sep)) {
    path = join(path, part);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return;
    if (!found.isSymbolicLink()) continue;
    throw new RingwallError("conflict", `${path} is a link, and what is rendered would land where it leads.`, {
      hint: "Remove the link, or name the folder yourself: `ringwall render --output FOLDER`.",
    });
  }
}
