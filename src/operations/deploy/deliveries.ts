import { lstat, readFile } from "node:fs/promises";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import { Secret } from "../../secrets/secret.ts";
import { fillTemplate } from "../../secrets/secret-values.ts";

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
}

/** `absent`, `same` or `differs` from what is to be delivered; `unseen` when this user may not look. */
export type DeliveryState = "absent" | "same" | "differs" | "unseen";

/**
 * The files that deliver a stack's secrets. `ids` turns an id in a container into one of the host, for an engine that
 * remaps users.
 */
export function deliveriesOf(
  resources: ComposeResources,
  values: SecretValues,
  ids: { uid(uid: number): number; gid(gid: number): number } = { uid: (uid) => uid, gid: (gid) => gid },
): readonly Delivery[] {
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
      content: value === undefined ? undefined : new Secret(file.secret, fillTemplate(file.template, value)),
    };
  });
  // The engine's client reads these, not the container: they stay with whoever runs the client.
  const environments = resources.environmentFiles.map((file): Delivery => {
    const lines = file.variables.map(({ name, secret, template }) => {
      const value = values.get(secret);
      return value === undefined ? undefined : `${name}=${quoted(fillTemplate(template, value))}\n`;
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

/** Compares a delivered file with what it is to be: content, owner and mode. */
export async function deliveryState(delivery: Delivery): Promise<DeliveryState> {
  try {
    const found = await lstat(delivery.path);
    if (!found.isFile()) return "differs";
    const sameOwner = found.uid === delivery.uid && found.gid === delivery.gid;
    if (!sameOwner || (found.mode & 0o7777) !== delivery.mode) return "differs";
    return (await readFile(delivery.path, "utf8")) === delivery.content?.expose() ? "same" : "differs";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR" ? "absent" : "unseen";
  }
}

/** When a delivered file was last written, in milliseconds since the epoch; undefined when it cannot be seen. */
export async function deliveredAt(path: string): Promise<number | undefined> {
  return (await lstat(path).catch(() => undefined))?.ctimeMs;
}
