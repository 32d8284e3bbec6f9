import type { ResolvedStack } from "../../src/contracts/resolved.ts";
import type { Rotator, ServiceControl } from "../../src/contracts/rotator.ts";

/**
 * One way to rotate, with an issuer and consumers that outlive the process which rotates. Another one is added by a file
 * like `rotation-command-scenario.ts` and a line in `rotation-scenarios.ts`.
 */
export interface RotationScenario {
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  skipped(): string | undefined;
  /** Starts issuer and consumers, with each secret's first value in use. */
  start(folder: string): Promise<ScenarioWorld>;
  /** In the process that rotates and is killed: how it reaches the world. */
  connect(connection: Connection): Promise<ScenarioParts>;
}

/** Plain data from which a process reaches a world; in a file that is searched for values too, so it holds none. */
export type Connection = Readonly<Record<string, string | number | boolean>>;

export interface ScenarioParts {
  readonly stack: ResolvedStack;
  readonly rotators: readonly Rotator[];
  readonly services: ServiceControl;
}

export interface ScenarioWorld {
  readonly connection: Connection;
  /** The secrets' values before the first rotation. */
  readonly first: ReadonlyMap<string, string>;
  /** What an independent client finds wrong at any moment of a rotation: somebody without a credential that works. */
  wrongMidway(seen: Seen): Promise<readonly string[]>;
  /** What it finds wrong once a rotation has ended: a consumer that cannot sign in, a former value that still works. */
  wrongAtEnd(seen: Seen): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** What whoever looks on knows of the values. */
export interface Seen {
  /** All that the store holds, `NAME--next` and `NAME--previous` too. */
  readonly store: ReadonlyMap<string, string>;
  /** Every value that was ever in the store. */
  readonly all: ReadonlySet<string>;
  /** The account in turn, as recorded. */
  readonly accounts: ReadonlyMap<string, string | undefined>;
}
