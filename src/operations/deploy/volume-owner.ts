import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { writeFailure } from "../../lib/atomic-write.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import type { EngineContainer, EngineVolume } from "../../platforms/compose/engine/schemas.ts";

/** Owner and mode of a volume's root, in ids of the containers. */
export interface VolumeOwner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Reads the owner of a volume's root through the engine: it sends a folder of a container as an archive, and the
 * folder's own entry comes first, so the first 512 bytes hold it. Needs no right on the host, and works from afar.
 */
export async function ownerThroughEngine(
  client: EngineClient,
  container: string,
  target: string,
): Promise<VolumeOwner> {
  const header = await client.bytes(`/containers/${container}/archive`, { path: `${target}/.` }, 512);
  return parseTarOwner(header);
}

/** The owner in the header of a tar entry (POSIX ustar: octal text, mode at 100, uid at 108, gid at 116). */
export function parseTarOwner(header: Buffer): VolumeOwner {
  const octal = (start: number, length: number) =>
    Number.parseInt(
      header
        .subarray(start, start + length)
        .toString("latin1")
        .replace(/[\0 ]/g, ""),
      8,
    );
  return { mode: octal(100, 8) & 0o7777, uid: octal(108, 8), gid: octal(116, 8) };
}

/** The container and path at which a volume is mounted, or undefined when no container has it. */
export function mountOf(
  volume: string,
  containers: readonly EngineContainer[],
): { readonly container: string; readonly target: string } | undefined {
  for (const container of containers) {
    const mount = container.Mounts.find((candidate) => candidate.Type === "volume" && candidate.Name === volume);
    if (mount !== undefined) return { container: container.Id, target: mount.Destination };
  }
  return undefined;
}

/** Owner and mode of a volume's root as the host has them; undefined when this user may not look. */
export async function ownerOnHost(volume: EngineVolume): Promise<VolumeOwner | undefined> {
  const found = await lstat(volume.Mountpoint).catch(() => undefined);
  return found === undefined ? undefined : { uid: found.uid, gid: found.gid, mode: found.mode & 0o7777 };
}

/** Gives a volume's root its owner and mode, in ids of the host. Follows no link; touches nothing inside. */
export async function setOwnerOnHost(volume: EngineVolume, owner: VolumeOwner): Promise<void> {
  try {
    const folder = await open(volume.Mountpoint, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      await folder.chown(owner.uid, owner.gid);
      await folder.chmod(owner.mode);
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw writeFailure(`The root of the volume ${volume.Name} (${volume.Mountpoint})`, error);
  }
}
