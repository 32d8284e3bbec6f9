import { jsonOf } from "../../lib/json.ts";
import { secretsTarget } from "./resource-names.ts";

/** A mount of a service, with the label that tells what the folder holds. */
export interface SecretFolderMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** The text of the label `dev.ringwall.secrets`; undefined without one. */
  readonly label: string | undefined;
}

/**
 * The secrets in a folder that Ringwall delivers, path in the container → secret. Undefined when the mount is another:
 * it counts only where it lies in a folder `secrets` of a stack, is mounted read-only at `/run/secrets`, and the label
 * says what is in it. So a folder of the host that somebody mounts there stays a folder of the host.
 */
export function secretsInFolder(mount: SecretFolderMount): ReadonlyMap<string, string> | undefined {
  const delivered = /^\/.+\/secrets\/[^/]+$/.test(mount.source);
  if (!delivered || mount.target !== secretsTarget || !mount.readOnly) return undefined;
  const parsed = jsonOf(mount.label ?? "");
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const entries = Object.entries(parsed);
  if (!entries.every(isNamed)) return undefined;
  return new Map(entries.map(([below, secret]) => [`${secretsTarget}/${below}`, secret]));
}

function isNamed(entry: [string, unknown]): entry is [string, string] {
  return entry[0] !== "" && typeof entry[1] === "string" && entry[1] !== "";
}
