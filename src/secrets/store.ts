import type { Secret } from "./secret.ts";

/** The version of a value that is not there. */
export const absentVersion = "absent";

export interface SetOptions {
  /**
   * What `versionOf` said when the value was read, or `absentVersion`. The store takes the new value only while that is
   * still so, and throws `conflict` otherwise: somebody else's value is never written over unseen.
   */
  readonly expectVersion?: string;
}

/**
 * A place where secret values are kept. Every method fails with a `RingwallError` that holds no value, in no encoding:
 * `network` where the store is not reached, sealed or too busy, `permission` where it refuses this user, `conflict`
 * where it holds another version than expected, `unsupported` where it cannot be written at all, `invalid` where it
 * cannot keep this value as it is, `usage` for a name that it does not take.
 */
export interface Store {
  /** Named in messages: `age files in …/secrets`. */
  readonly description: string;
  /** Set and true where `set` and `remove` always refuse. */
  readonly readOnly?: boolean;
  list(): Promise<readonly string[]>;
  /** The secret, or undefined when the store has none of that name. */
  get(name: string): Promise<Secret | undefined>;
  /**
   * After a crash at any point the old or the new value is there, whole. May be called again after a failure: a value
   * that the failed call did write is not written twice over somebody else's.
   */
  set(secret: Secret, options?: SetOptions): Promise<void>;
  remove(name: string): Promise<void>;
  /**
   * A text that differs for each value that was set under the name, or `absentVersion`. A store without this method has
   * no versions and is given no `expectVersion`.
   */
  versionOf?(name: string): Promise<string>;
}

const namePattern = /^[a-z][a-z0-9-]{0,99}$/;

/** Whether a text is a secret's name: the same in every store, so that a secret can move from one to another. */
export function isSecretName(text: string): boolean {
  return namePattern.test(text);
}
