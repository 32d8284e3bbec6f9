import { lstat, readFile } from "node:fs/promises";
import { codeOf } from "../../lib/system-error.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import { Secret } from "../../secrets/secret.ts";
import { type AccountOf, fillTemplate } from "../../secrets/secret-values.ts";

/** The values of a stack's secrets by name; a name without a value is absent. */
export type SecretValues = ReadonlyMap<string, Secret>;

/** One file with secrets that is to lie on the engine's host before its service starts. */
export interface Delivery {
  readonly kind: "secret" | "environment";
  readonly service: string;
  /** Names of the secrets in it. */
  readonly secrets: readonly string[];
  /** Absolute. */
  readonly path: string;
  /** Ids of the host. */
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** What the file holds; undefined when a secret in it has no value. */
  readonly content: Secret | undefined;
  /** The folder that the service sees at `/run/secrets`, when the file lies in it. */
  readonly folder: string | undefined;
}

/** `absent`, `same` or `differs` from what is to be delivered; `unseen` when this user may not look. */
export type DeliveryState = "absent" | "same" | "differs" | "unseen";

/** Turns an id in a container into one of the host, for an engine that remaps users. */
export interface HostIds {
  uid(uid: number): number;
  gid(gid: number): number;
}

const sameIds: HostIds = { uid: (uid) => uid, gid: (gid) => gid };

/** The files that deliver a stack's secrets. `accountOf` tells what `{user}` stands for in a template. */
export function deliveriesOf(
  resources: ComposeResources,
  values: SecretValues,
  ids: HostIds = sameIds,
  accountOf: AccountOf = () => undefined,
): readonly Delivery[] {
  const folders = new Map(resources.services.map((service) => [service.name, service.secretFolder]));
  const files = resources.secretFiles.map((file): Delivery => {
    const value = values.get(file.secret);
    return {
      kind: "secret",
      service: file.service,
      secrets: [file.secret],
      path: file.path,
      uid: ids.uid(file.uid),
      gid: ids.gid(file.gid),
      mode: file.mode,
      content:
        value === undefined
          ? undefined
          : new Secret(file.secret, fillTemplate(file.template, value, accountOf(file.secret))),
      folder: file.mountedBy === "folder" ? folders.get(file.service) : undefined,
    };
  });
  // The engine's client reads these, not the container: they stay with whoever runs the client.
  const environments = resources.environmentFiles.map((file): Delivery => {
    const lines = file.variables.map(({ name, secret, template }) => {
      const value = values.get(secret);
      return value === undefined ? undefined : `${name}=${quoted(fillTemplate(template, value, accountOf(secret)))}\n`;
    });
    const secrets = file.variables.map(({ secret }) => secret);
    const whole = lines.every((line) => line !== undefined);
    return {
      kind: "environment",
      service: file.service,
      secrets,
      path: file.path,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      mode: file.mode,
      content: whole ? new Secret(secrets.join(", "), lines.join("")) : undefined,
      folder: undefined,
    };
  });
  return [...files, ...environments];
}

/**
 * A value as Compose reads it back from an `env_file`: in single quotes nothing is special but the quote itself, in
 * double quotes a backslash escapes and `$` would be a variable.
 */
function quoted(value: string): string {
  if (!/['\n\r\\]/.test(value)) return `'${value}'`;
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("$", "\\$")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

/** Compares a delivered file with what it is to be: content, owner and mode, and those of the folder that is mounted. */
export async function deliveryState(delivery: Delivery): Promise<DeliveryState> {
  try {
    if (delivery.folder !== undefined && !(await isServiceFolder(delivery.folder, delivery))) return "differs";
    const found = await lstat(delivery.path);
    if (!found.isFile()) return "differs";
    const sameOwner = found.uid === delivery.uid && found.gid === delivery.gid;
    if (!sameOwner || (found.mode & 0o7777) !== delivery.mode) return "differs";
    return (await readFile(delivery.path, "utf8")) === delivery.content?.expose() ? "same" : "differs";
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" || code === "ENOTDIR" ? "absent" : "unseen";
  }
}

/**
 * Mode of the folder that a service sees: its user enters and lists it, and nobody else. It is mounted read-only, and
 * on the host it lies in folders that are root's alone. Whoever is not root has to be able to write to it.
 */
export function serviceFolderMode(): number {
  return process.getuid?.() === 0 ? 0o500 : 0o700;
}

async function isServiceFolder(path: string, owner: Pick<Delivery, "uid" | "gid">): Promise<boolean> {
  const found = await lstat(path);
  const owned = found.uid === owner.uid && found.gid === owner.gid;
  return found.isDirectory() && owned && (found.mode & 0o7777) === serviceFolderMode();
}

/** When a delivered file was last written, in milliseconds since the epoch; undefined when it cannot be seen. */
export async function deliveredAt(path: string): Promise<number | undefined> {
  return (await lstat(path).catch(() => undefined))?.ctimeMs;
}
