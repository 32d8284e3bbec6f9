import { constants } from "node:fs";
import { lstat, open, readdir, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder, writeFailure, writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { type Delivery, serviceFolderMode } from "./deliveries.ts";

/**
 * Writes one delivery in place: beside it first, with owner and mode before a byte of it, then renamed. The folders
 * from `root` on are private (0700) and this user's; a link, or a folder that others can write to, is refused. The
 * folder that the service itself sees, and those in it, are the service's user's. What a killed delivery of the same
 * file left beside it is removed.
 */
export async function deliver(delivery: Delivery, root: string, operation: string): Promise<void> {
  if (delivery.content === undefined) {
    const names = delivery.secrets.join(", ");
    throw new RingwallError("secret-missing", `The secret ${names} for ${delivery.service} has no value.`);
  }
  partsBelow(delivery.folder ?? root, dirname(delivery.path));
  await makePrivateFolder(root, dirname(delivery.folder ?? delivery.path));
  if (delivery.folder !== undefined) await makeServiceFolders(delivery.folder, delivery);
  await removeLeftovers(delivery.path);
  await writeFileAtomic(delivery.path, delivery.content.expose(), {
    mode: delivery.mode,
    owner: { uid: delivery.uid, gid: delivery.gid },
    tag: operation,
  });
}

async function makePrivateFolder(root: string, folder: string): Promise<void> {
  const below = partsBelow(root, folder);
  await makeFolder(root, 0o700);
  let path = root;
  await assertPrivate(path);
  for (const part of below) {
    path = join(path, part);
    await makeFolder(path, 0o700);
    await assertPrivate(path);
  }
}

function partsBelow(root: string, folder: string): readonly string[] {
  if (folder !== root && !folder.startsWith(`${root}/`)) {
    throw new RingwallError("outside-root", `${folder} does not lie in ${root}, where secrets are delivered.`);
  }
  return folder
    .slice(root.length)
    .split("/")
    .filter((part) => part !== "");
}

/** The folder that is mounted, and those below it down to the file's. */
async function makeServiceFolders(folder: string, { path, uid, gid }: Delivery): Promise<void> {
  const below = partsBelow(folder, dirname(path));
  for (let depth = 0; depth <= below.length; depth += 1) {
    const one = join(folder, ...below.slice(0, depth));
    await makeFolder(one, 0o700);
    await giveFolder(one, { uid, gid });
  }
}

/** Gives a folder its owner and mode, through a handle, so that no link is followed. */
async function giveFolder(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      await folder.chown(owner.uid, owner.gid);
      await folder.chmod(serviceFolderMode());
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw writeFailure(path, error);
  }
}

async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const left = (await readdir(folder).catch(() => [])).filter(
    (name) => name.startsWith(`.${basename(path)}.`) && name.endsWith(".part"),
  );
  for (const name of left) await rm(join(folder, name), { force: true });
}

/** Whoever can write to a folder on the way can put another file in the secret's place. */
async function assertPrivate(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    throw writeFailure(path, error);
  });
  if (!found.isDirectory()) {
    throw new RingwallError("conflict", `${path} is not a folder, so no secret is delivered there.`);
  }
  if ((found.mode & 0o022) !== 0 || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new RingwallError("permission", `${path} belongs to somebody else, or others can write to it.`, {
      hint: "Secrets are delivered only below folders that nobody else can change. Look who made it, then remove it.",
    });
  }
}

/** Removes files below the stack's delivery folder that nothing needs any more, and folders left empty. */
export async function removeStaleDeliveries(folder: string, wanted: ReadonlySet<string>): Promise<readonly string[]> {
  const removed: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      removed.push(...(await removeStaleDeliveries(path, wanted)));
    } else if (!wanted.has(path)) {
      await rm(path, { force: true });
      removed.push(path);
    }
  }
  if (wanted.size === 0 || entries.length > 0) await rmdir(folder).catch(() => undefined);
  return removed;
}
