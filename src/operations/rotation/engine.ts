import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import type { CredentialCheck, Rotator, ServiceControl } from "../../contracts/rotator.ts";
import type { Secret } from "../../secrets/secret.ts";
import type { Store } from "../../secrets/store.ts";
import type { Jobs } from "../../state/database/jobs.ts";
import type { Records } from "../../state/database/records.ts";
import type { AfterAppend } from "../../state/journal.ts";
import type { Ledger, Principal } from "../../state/ledger/action.ts";
import type { StateFolder } from "../../state/state-folder.ts";
import type { DeploymentSurroundings } from "../deploy/deployment.ts";

/** Everything that a rotation takes from outside; put together by the command line, and by tests. */
export interface RotationEngine {
  readonly stack: ResolvedStack;
  readonly state: StateFolder;
  readonly store: Store;
  readonly rotators: readonly Rotator[];
  readonly services: ServiceControl;
  readonly records: Pick<Records, "secrets" | "operations">;
  readonly locks: Pick<Jobs, "withLock">;
  readonly ledger: Pick<Ledger, "append">;
  readonly principal: Principal;
  /** A keyed digest of a value of a secret for the ledger (`KeyedDigests`). */
  readonly digest: (secret: string, value: Secret) => string;
  /** Asks a person for a secret's new value; rejects with `interrupted` where nobody can be asked. */
  readonly ask: (secret: string, question: string) => Promise<Secret>;
  /** Tries credentials from when the new one is staged until the end; without it no downtime is measured. */
  readonly watch?: WatchDowntime;
  /** What services wrote since a moment, a service's lines at a time; for incidents. */
  readonly logs?: ReadLogs;
  readonly surroundings: RotationSurroundings;
}

export interface RotationSurroundings extends DeploymentSurroundings {
  /** For tests that stop the process there. */
  readonly afterAppend?: AfterAppend;
}

/** Tries each check again and again until stopped; resolves with the longest time that one of them was not accepted. */
export type WatchDowntime = (checks: readonly (() => Promise<CredentialCheck>)[]) => {
  stop(): Promise<{ readonly milliseconds: number }>;
};

/** The lines that a service's containers wrote since a moment, oldest first; may hold anything, secrets too. */
export type ReadLogs = (service: string, since: Date) => Promise<readonly string[]>;

/** How long things may take, in milliseconds. */
export const patience = {
  /** Until a new credential is accepted, or an old one refused, everywhere. */
  credential: 15_000,
  between: 500,
  /** Until nobody uses the old credential any more, where the issuer can tell. */
  drain: 60_000,
  /** Until a program that a killed rotation has left running ends. */
  leftover: 120_000,
};

/** The name under which the store keeps a value before it is in use. No declared name has two dashes. */
export function nextName(secret: string): string {
  return `${secret}--next`;
}

/** The name under which the store keeps the former value until it is proven dead. */
export function previousName(secret: string): string {
  return `${secret}--previous`;
}

/** The name under which an unfinished rotation's value belongs to a secret; undefined for any other name. */
export function besideOf(name: string): { readonly secret: string; readonly kind: "next" | "previous" } | undefined {
  const match = /^(.+)--(next|previous)$/.exec(name);
  if (match?.[1] === undefined) return undefined;
  return { secret: match[1], kind: match[2] === "next" ? "next" : "previous" };
}

export function secretOf(stack: ResolvedStack, name: string): ResolvedSecret | undefined {
  return stack.secrets.find((secret) => secret.name === name);
}
