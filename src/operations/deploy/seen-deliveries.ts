import { stat } from "node:fs/promises";
import { isMissing } from "../../lib/system-error.ts";
import type { EngineContainer } from "../../platforms/compose/engine/schemas.ts";
import { secretsTarget } from "../../platforms/compose/resource-names.ts";
import { type Delivery, deliveredAt } from "./deliveries.ts";
import { fileStamp, type Told } from "./told.ts";

/** How a container stands to one delivered file. */
export interface SeenDelivery {
  /** When the file was last written, in milliseconds since the epoch; undefined when it cannot be seen. */
  readonly at: number | undefined;
  /** It sees the file that takes this one's place, as it lies in the folder that is mounted. */
  readonly live: boolean;
  /** It was told of this very file. */
  readonly told: boolean;
}

/** Looks at a delivered file and at the container that runs now, if one does. */
export async function seenDelivery(
  delivery: Delivery,
  container: EngineContainer | undefined,
  told: Told | undefined,
): Promise<SeenDelivery> {
  const at = await deliveredAt(delivery.path);
  if (container === undefined) return { at, live: false, told: false };
  const stamp = await fileStamp(delivery.path);
  return {
    at,
    live: await seesFolder(container, delivery.folder),
    told: stamp !== undefined && told?.container === container.Id && told.files[delivery.path] === stamp,
  };
}

/** Whether a file was delivered after the container started, and it was not told of it. */
export function startedBefore(seen: Pick<SeenDelivery, "at" | "told">, container: EngineContainer): boolean {
  if (seen.at === undefined || seen.told || container.State.Status !== "running") return false;
  return seen.at > Date.parse(container.State.StartedAt);
}

/**
 * Whether the container has the folder mounted that lies there now. One that was removed, or made again, is another: the
 * container goes on seeing the old one. Where that cannot be looked up, the engine's word counts.
 */
async function seesFolder(container: EngineContainer, folder: string | undefined): Promise<boolean> {
  const mount = container.Mounts.find(({ Destination }) => Destination === secretsTarget);
  if (folder === undefined || mount?.Type !== "bind" || mount.Source !== folder) return false;
  const outside = await identity(folder);
  if (outside === "absent") return false;
  const inside =
    container.State.Pid === 0 ? "unseen" : await identity(`/proc/${container.State.Pid}/root${secretsTarget}`);
  return inside === outside || inside === "unseen" || outside === "unseen";
}

async function identity(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(path);
    return `${dev}:${ino}`;
  } catch (error) {
    return isMissing(error) ? "absent" : "unseen";
  }
}
