import type { Place } from "../lib/place.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Sensitive } from "./sensitive.ts";
import type { EnvironmentVariable, UserIdentity } from "./subjects.ts";

/** One `build.args` entry; its value ends up in the image's history. */
export interface BuildArgument {
  readonly name: string;
  /** `unstated` when the name alone is given, so that the value comes from the builder's environment. */
  readonly value: Fact<Sensitive>;
  /** True when the value stands in the file as it is, with no variable in it. */
  readonly literal: boolean;
  readonly place: Place;
}

/** What only Docker Compose says of a service; read by the controls of Compose alone. */
export interface ComposeServiceExtension {
  /** The service's key in the file. */
  readonly service: string;
  readonly containerName: Fact<string>;
  /** `build.args` by name. */
  readonly buildArguments: readonly BuildArgument[];
  /** Names of the secrets that the build mounts (`build.secrets`), which leave no trace in the image. */
  readonly buildSecrets: readonly string[];
  /** Whether the build itself runs privileged or with `security.insecure`. */
  readonly buildPrivileged: Fact<boolean>;
  readonly links: FactList<string>;
  /** True when the service reaches the engine's API through another service that filters it. */
  readonly usesDockerSocketProxy: boolean;
  /** Compose's `use_api_socket`: the engine's socket and the user's registry credentials, mounted. */
  readonly usesApiSocket: Fact<boolean>;
  /** A first process that reaps children (`init`). */
  readonly init: Fact<boolean>;
  /** `cgroup`: whether the container sees the host's control groups. */
  readonly cgroupNamespace: Fact<"host" | "private">;
  /** `systempaths=unconfined` unmasks `/proc` and `/sys`. */
  readonly systemPaths: Fact<"masked" | "unconfined">;
  readonly deviceCgroupRules: FactList<{ readonly rule: string; readonly place: Place }>;
  /** Whether graphics cards or other accelerators are handed in (`gpus`, reserved devices). */
  readonly gpus: Fact<boolean>;
  readonly oomKillDisabled: Fact<boolean>;
  readonly runtime: Fact<string>;
  readonly standardInputOpen: Fact<boolean>;
  readonly terminal: Fact<boolean>;
  /** Whose volumes are mounted as they are: `db`, `container:legacy`. */
  readonly volumesFrom: FactList<{ readonly name: string; readonly readOnly: boolean; readonly place: Place }>;
  readonly extraHosts: FactList<{ readonly host: string; readonly address: string; readonly place: Place }>;
  /** Whose process namespace is shared, when another container's is: `service:app`. */
  readonly sharesProcessesWith: Fact<string>;
  /** Whose inter-process communication is shared, when another container's is. */
  readonly sharesIpcWith: Fact<string>;
  /** Commands that are run in the container after its start and before its end; absent where there are none. */
  readonly hooks?: readonly ServiceHook[];
  /** Absent where nothing says that a Swarm runs the project (`docker stack deploy`). */
  readonly swarm?: SwarmStack;
}

/** A command beside a container's program, with a user and rights of its own. */
export interface ServiceHook {
  /** `post_start`, and with a number where there are several. */
  readonly name: string;
  readonly privileged: Fact<boolean>;
  /** `unstated` where it runs as the container does. */
  readonly user: Fact<UserIdentity>;
  readonly command: Fact<readonly Sensitive[]>;
  readonly environment: FactList<EnvironmentVariable>;
  readonly place: Place;
}

/** A project that is deployed to a Swarm, which ignores some keys of Compose and refuses others. */
export interface SwarmStack {
  /** Whether the file's version takes `deploy.resources.limits.pids`. */
  readonly limitsProcesses: boolean;
}
