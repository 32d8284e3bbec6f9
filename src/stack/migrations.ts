/** How declarations written for an older schema are read by a newer Ringwall: one step from each version to the next. */
import { RingwallError } from "../lib/error.ts";

export interface Migration {
  /** The version it starts from; it leads to the next one. */
  readonly from: number;
  /** What changes, as a sentence for the person whose file it is. */
  readonly summary: string;
  /** The declaration in the next version's words. Pure; keeps what it does not know. */
  migrate(declaration: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** In order of `from`. Empty while version 1 is the only one. */
export const migrations: readonly Migration[] = [];

export interface Migrated {
  readonly declaration: Readonly<Record<string, unknown>>;
  /** What was changed on the way, oldest first. */
  readonly applied: readonly string[];
}

/**
 * Brings a declaration to the current version. One without `version` is of version 1, the first.
 * Throws a `RingwallError` for a version that is no number, newer than this Ringwall, or without a way up.
 */
export function migrate(
  declaration: Readonly<Record<string, unknown>>,
  current: number,
  steps: readonly Migration[] = migrations,
): Migrated {
  const written = declaration.version ?? 1;
  if (typeof written !== "number" || !Number.isInteger(written) || written < 1) {
    throw new RingwallError("invalid", "The version of the declaration must be a whole number from 1.", {
      hint: `Write \`version: ${current}\`, or leave it out; a text such as "3.8" is the version of a Compose file.`,
    });
  }
  if (written > current) {
    throw new RingwallError("invalid", `The declaration is of version ${written}; this Ringwall knows ${current}.`, {
      hint: "Use a newer Ringwall.",
    });
  }
  let at: Readonly<Record<string, unknown>> = declaration;
  const applied: string[] = [];
  for (let version = written; version < current; version++) {
    const step = steps.find((candidate) => candidate.from === version);
    if (step === undefined) {
      throw new RingwallError("invalid", `No way is known from version ${version} of the declaration to ${current}.`);
    }
    at = { ...step.migrate(at), version: version + 1 };
    applied.push(step.summary);
  }
  return { declaration: at, applied };
}
