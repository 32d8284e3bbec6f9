/** What every subject has: a kind, a name that holds under every lens, and a place. */
import type { Place } from "../lib/place.ts";

/** Where facts come from. */
export type Lens = "declared" | "written" | "running" | "measured";

/** `files`: configuration and other files that no platform's project claims. */
export type PlatformName = "compose" | "incus" | "kubernetes" | "files";

export type SubjectKind =
  | "workload"
  | "container"
  | "image"
  | "network"
  | "zone"
  | "listener"
  | "route"
  | "policy-rule"
  | "secret-reference"
  | "mount"
  | "certificate"
  | "principal"
  | "grant"
  | "host"
  | "repository-file"
  | "pipeline";

/**
 * Names one subject so that it is the same subject under every lens.
 *
 * `system` is the stack or Compose project; `name` is unique for its kind within the system
 * (`caddy`, `caddy/0.0.0.0:443/tcp`, `db:/var/lib/postgresql`).
 */
export interface Ref<K extends SubjectKind = SubjectKind> {
  readonly kind: K;
  readonly system: string;
  readonly name: string;
  /** What fingerprints are made of in place of the name, so that wording it better leaves them as they are. */
  readonly knownAs?: string;
}

/** One string for a ref, usable as a key: `workload shop/caddy`. */
export function refKey(ref: Ref): string {
  return `${ref.kind} ${ref.system}/${ref.name}`;
}

export function sameRef(a: Ref, b: Ref): boolean {
  return a.kind === b.kind && a.system === b.system && a.name === b.name;
}

/** What every subject has. */
export interface Subject<K extends SubjectKind> {
  readonly kind: K;
  readonly ref: Ref<K>;
  readonly lens: Lens;
  readonly platform: PlatformName;
  /** Where the subject as a whole stands (for Compose, the service's key). */
  readonly place: Place;
}
