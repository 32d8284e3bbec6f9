import type { SwarmStack } from "../../facts/extensions.ts";
import type { Fact } from "../../facts/fact.ts";
import type { Lens, NetworkMode } from "../../facts/subjects.ts";
import type { Dormancy } from "../../facts/subjects-workload.ts";
import type { Stage } from "../../formats/dockerfile/stage.ts";
import type { Fields } from "../../formats/fields.ts";
import type { Place } from "../../lib/place.ts";

/** What is common to a whole project while it is read. */
export interface ProjectContext {
  readonly system: string;
  readonly lens: Lens;
  /** Top-level fields: `services`, `networks`, … */
  readonly root: Fields;
  readonly services: Fields;
  /** Paths of the Compose files, to tell what came from an `env_file`. */
  readonly composeFiles: ReadonlySet<string>;
  /** The folder that relative paths start from, as `ComposeProject` names it. */
  readonly folder: string;
  /** See `ReadComposeOptions.findFile`. */
  readonly findFile: ((path: string) => string | undefined) | undefined;
  /** See `ReadComposeOptions.readFile`. */
  readonly readFile: ((path: string) => string | undefined) | undefined;
  /** Where the project is a stack of a Swarm. */
  readonly swarm: SwarmStack | undefined;
  /** The services that a plain start leaves out. */
  readonly dormant: ReadonlyMap<string, Dormancy>;
}

/** One service while it is read. */
export interface ServiceContext extends ProjectContext {
  readonly service: string;
  readonly fields: Fields;
  /** The service's key. */
  readonly place: Place;
  readonly networkMode: Fact<NetworkMode>;
  /** The image that the service builds from a Dockerfile of the repository, where that could be read. */
  readonly built: Stage | undefined;
}
