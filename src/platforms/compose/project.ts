import type { InputProblem } from "../../facts/system.ts";
import type { MappingNode } from "../../formats/tree.ts";
import type { Source } from "../../lib/place.ts";

/** The profiles that a plain `docker compose up` starts; `*` is every one, and an empty name counts where nothing is set. */
export interface ActiveProfiles {
  readonly names: readonly string[];
  /** Further ones that may be started: by a variable whose value is not known, or by a `.env` that only an example shows. */
  readonly maybe: readonly string[];
}

/**
 * One Compose project as `docker compose config` would see it, with places.
 *
 * `root` is the merged model in canonical long form (`services`, `networks`, `volumes`, `secrets`, `configs`, `x-…`):
 * files merged in order, `include` and `extends` followed, variables interpolated, short forms expanded, implicit
 * default network added, services of every profile kept. Its places point at the file that had the last word.
 */
export interface ComposeProject {
  readonly name: string;
  /** Where `name` was written, or the first file when it follows from the folder. */
  readonly root: MappingNode;
  /** What the files state as their version, which Compose passes over and Swarm does not. */
  readonly version?: string;
  /** The folder that relative paths start from, relative to what was checked, `/` between the parts. */
  readonly folder: string;
  /** The Compose files themselves, in the order they were merged. */
  readonly files: readonly Source[];
  /** `.env` and `env_file`s that were read. */
  readonly environmentFiles: readonly Source[];
  readonly profiles: ActiveProfiles;
  readonly problems: readonly InputProblem[];
}
