/**
 * How one secret is replaced. The engine in `operations/rotation` journals, orders, delivers, verifies and proves; a
 * rotator knows only how one kind of issuer takes a new credential and gives up an old one.
 */
import type { Secret } from "../secrets/secret.ts";
import type { ResolvedSecret, ResolvedStack } from "./resolved.ts";

/** What somebody signs in with. */
export interface Credential {
  /** The user, role or key id that goes with the value; undefined where the value stands alone. */
  readonly account: string | undefined;
  readonly value: Secret;
}

/** What came of trying a credential. Only `refused` proves that it is dead: silence proves nothing. */
export interface CredentialCheck {
  readonly outcome: "accepted" | "refused" | "unreachable";
  /** A sentence without any value. */
  readonly detail: string;
}

/** What a credential is tried from: the network of a service, or this host where the user is outside the stack. */
export type Vantage = { readonly kind: "service"; readonly service: string } | { readonly kind: "host" };

/** One login that is tried over the network with a protocol that Ringwall speaks. */
export type LoginAttempt =
  | {
      readonly protocol: "postgres";
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
      readonly password: Secret;
    }
  | {
      readonly protocol: "mqtt";
      readonly host: string;
      readonly port: number;
      readonly tls: boolean;
      readonly user: string;
      readonly password: Secret;
    };

/** What a rotation may do with the services of a running stack. Implemented by a platform's operations. */
export interface ServiceControl {
  /** Whether a container of the service runs now. */
  isRunning(service: string): Promise<boolean>;
  /**
   * Runs a program in the service's container. Secrets go in by `stdin` alone; `command` never holds one, since it shows
   * in the process list. Output is returned whole, up to 1 MiB, and never told to anybody by this method.
   */
  exec(
    service: string,
    command: readonly string[],
    options?: { readonly stdin?: Secret; readonly timeoutMs?: number },
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /**
   * Writes the service's delivered files again with these credentials in place of the store's, by name of the secret,
   * each atomically. True when a file changed. Does not tell the service.
   */
  deliver(service: string, credentials: ReadonlyMap<string, Credential>): Promise<boolean>;
  /** Writes a derived file (a Mosquitto password file) of these entries; true when it changed. Does not tell the service. */
  deliverDerived(
    service: string,
    secret: string,
    entries: readonly { readonly user: string; readonly value: Secret }[],
  ): Promise<boolean>;
  /** Tells a service that its secrets changed, by the least disturbing way that it has; waits until it is well again. */
  tell(service: string): Promise<{ readonly how: "none" | "signal" | "command" | "restart" }>;
  /** Tries a login from a vantage; never throws for a refusal. */
  login(from: Vantage, attempt: LoginAttempt): Promise<CredentialCheck>;
}

/** What a rotator works with. Everything from outside is handed in. */
export interface RotationTools {
  /** The operation's id: stands in the name of whatever is made outside, so that orphans can be found. */
  readonly id: string;
  readonly services: ServiceControl;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  readonly report: (text: string) => void;
  readonly signal: AbortSignal | undefined;
  /** Another secret's present value (a token that may make tokens); undefined when there is none. */
  readonly other: (secret: string) => Promise<Secret | undefined>;
  /**
   * Every credential of another secret that works now: the present one with its account in turn, and the former one
   * while its overlap lasts. A file that lists several users is made of these. Empty when the secret has no value.
   */
  readonly valid: (secret: string) => Promise<readonly Credential[]>;
  /** Asks a person for a value that only a person can fetch; rejects with `interrupted` where nobody can be asked. */
  readonly ask: (question: string) => Promise<Secret>;
  /** Present account of this secret as last recorded; undefined for the first rotation. */
  readonly account: string | undefined;
  /** Runs a program on this host; secrets by stdin or by a 0600 file alone. */
  readonly run: HostProgram;
}

export type HostProgram = (
  command: string,
  args: readonly string[],
  options?: {
    readonly stdin?: Secret;
    readonly environment?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  },
) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;

/** How long somebody cannot use the secret while it changes, as far as it can be known before. */
export interface ExpectedDowntime {
  readonly milliseconds: number;
  /** Why, as a sentence: `Both roles work until the old one is retired.` */
  readonly why: string;
}

/** What a rotator says of one secret before anything is done. */
export interface RotationOutline {
  readonly rotator: string;
  /** Services that take the secret and must switch, in the order in which they switch. */
  readonly consumers: readonly string[];
  /** The service that issues it, which must run; undefined when the issuer is outside the stack. */
  readonly issuer: string | undefined;
  /** Old and new work side by side between `stage` and `revoke`. */
  readonly overlap: boolean;
  /** A person must fetch the new value. */
  readonly assisted: boolean;
  readonly downtime: ExpectedDowntime;
  /**
   * Secrets of one group are never rotated at once: the next begins when the one before is proven at every consumer.
   * The issuer's name where several secrets have one.
   */
  readonly group: string | undefined;
  /** What `stage` and `revoke` do, as sentences for `--plan`. */
  readonly stages: { readonly stage: string; readonly revoke: string; readonly proof: string };
}

/**
 * The rotation of one secret. Every method may be called again after a crash at any point within it, and then finishes
 * what was begun. The engine has made `next` durable in the store before `stage` is called.
 */
export interface Rotation {
  /** Changes nothing; throws a sentence when the rotation cannot work (issuer down, token without the right). */
  preflight(current: Credential | undefined): Promise<void>;
  /** The account that the next credential has; the present one where the account stays. */
  nextAccount(current: Credential | undefined): string | undefined;
  /** Makes or fetches the next value where the kind's generator cannot (a token by API, an SSH key, a person). */
  obtain?(current: Credential | undefined): Promise<Secret>;
  /** Makes `next` work at the issuer. With `overlap`, `current` goes on working. */
  stage(next: Credential, current: Credential | undefined): Promise<void>;
  /** Takes `stage` back; `current` works again as before. */
  unstage(next: Credential, current: Credential | undefined): Promise<void>;
  /**
   * Makes a consumer use `next`. Absent: the engine delivers and tells each service of `outline.consumers`.
   */
  switch?(next: Credential): Promise<void>;
  /** Tries a credential from a vantage, as the real user of it would. */
  verify(credential: Credential, from: Vantage): Promise<CredentialCheck>;
  /** Waits until nobody uses `previous` any more, as far as the issuer can tell; resolves false when time ran out. */
  drained?(previous: Credential, timeoutMs: number): Promise<boolean>;
  /** Makes `previous` useless, and what was opened with it. */
  revoke(previous: Credential, next: Credential): Promise<void>;
  /** What earlier operations made outside and left there, by the ids in names; empty when nothing. */
  orphans?(): Promise<readonly { readonly name: string; readonly operation: string; remove(): Promise<void> }[]>;
}

/** One way to rotate; listed in a registry at the composition root. */
export interface Rotator {
  /** `postgres-role` */
  readonly name: string;
  /** What it would do with this secret; undefined when the secret is none of its business. Pure. */
  outline(secret: ResolvedSecret, stack: ResolvedStack): RotationOutline | undefined;
  /** Called after `outline` said yes. */
  begin(secret: ResolvedSecret, stack: ResolvedStack, tools: RotationTools): Rotation;
}
