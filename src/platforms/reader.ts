import type { InputProblem, System } from "../facts/system.ts";
import type { RingwallError } from "../lib/error.ts";
import type { Source } from "../lib/place.ts";
import type { Profile } from "../lib/profile.ts";
import type { Repository } from "../repository/repository.ts";

/** The files that one project of a platform is made of, in the order in which they are merged. */
export interface FoundProject {
  readonly files: readonly string[];
}

export interface Discovery {
  readonly projects: readonly FoundProject[];
  /** Files that should have been one, and why they are none. */
  readonly problems: readonly InputProblem[];
  /** Further files (within the root) that are accounted for, and that later readers leave alone. */
  readonly owned?: readonly string[];
}

export interface ReadProject {
  readonly system: System;
  /** Every text that went into it. */
  readonly sources: readonly Source[];
}

export interface ReadProjectOptions {
  /**
   * Gives the system's name from the project's own, which may be taken already. `ofRoot` where it is the name of the
   * folder that is checked, which another clone may have otherwise: no finding is told apart by it.
   */
  readonly name: (own: string, ofRoot?: boolean) => string;
  /** Files (within the root) that are subjects of an earlier project already, so that none is judged twice. */
  readonly claimed: ReadonlySet<string>;
  /** Gets the phase `facts`. */
  readonly profile: Profile | undefined;
}

/** Finds and reads what a repository holds for one platform. A new file format is a new reader in `readers`. */
export interface PlatformReader {
  readonly name: string;
  /** Leaves alone also what only went into an earlier project (a file that a service mounts). */
  readonly leavesClaimed?: true;
  /** `isDone` tells of the files that are left to earlier readers, and need not be looked at. */
  discover(repository: Repository, isDone: (path: string) => boolean): Discovery;
  /** The facts of one project, or an error when nothing of it can be read. */
  read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError;
}
