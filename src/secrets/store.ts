import type { Secret } from "./secret.ts";

/** A place where secret values are kept. Every method fails with a `RingwallError` that holds no value. */
export interface Store {
  /** Named in messages: `age files in …/secrets`. */
  readonly description: string;
  list(): Promise<readonly string[]>;
  /** The secret, or undefined when the store has none of that name. */
  get(name: string): Promise<Secret | undefined>;
  /** Writes beside and renames: after a crash the old or the new value is there, whole. */
  set(secret: Secret): Promise<void>;
  remove(name: string): Promise<void>;
}
