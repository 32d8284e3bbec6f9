/** What runs: workloads, their containers and images, and what each is given. */
import type { Place } from "../lib/place.ts";
import type { ComposeServiceExtension } from "./extensions.ts";
import type { IncusWorkloadExtension } from "./extensions-incus.ts";
import type { KubernetesContainerExtension, KubernetesWorkloadExtension } from "./extensions-kubernetes.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Sensitive } from "./sensitive.ts";
import type { Ref, Subject } from "./subject.ts";
import type { Attachment, NetworkMode } from "./subjects-network.ts";

export type RestartPolicy =
  | { readonly kind: "no" }
  | { readonly kind: "always" }
  | { readonly kind: "unless-stopped" }
  | { readonly kind: "on-failure"; readonly attempts?: number };

/** Why something that is described does not run. */
export interface Dormancy {
  /** A clause: ``a plain `docker compose up` does not start it (profile debug)``. */
  readonly why: string;
  /** The same after its name: ``which a plain `docker compose up` does not start``. */
  readonly which: string;
  readonly place: Place;
}

/** One thing that runs: a Compose service, an Incus instance, a pod template. */
export interface Workload extends Subject<"workload"> {
  readonly containers: readonly Ref<"container">[];
  readonly networkMode: Fact<NetworkMode>;
  readonly attachments: FactList<Attachment>;
  readonly hostPid: Fact<boolean>;
  readonly hostIpc: Fact<boolean>;
  readonly hostUts: Fact<boolean>;
  /** True when the workload opts out of the engine's user-namespace remapping. */
  readonly hostUsers: Fact<boolean>;
  readonly cgroupParent: Fact<string>;
  readonly restart: Fact<RestartPolicy>;
  readonly isolation: Fact<"container" | "vm">;
  /** Profiles or conditions without which it does not start; empty when it always does. */
  readonly onlyWith: readonly string[];
  /** Present where it does not run when everything is started as it stands here; what is in doubt runs. */
  readonly dormant?: Dormancy;
  readonly labels: FactList<Label>;
  readonly replicas: Fact<number>;
  readonly dependsOn: readonly string[];
  /** Whether a metrics collector of the same system scrapes it; known for declared and measured ones. */
  readonly scraped?: Fact<boolean>;
  /** Names of the alert rules that it has loaded, for one that evaluates alerts; known for declared and measured ones. */
  readonly alertRules?: FactList<string>;
  /** What the rule files tell that it raises an alert for, by the rules' expressions; known for written ones. */
  readonly alertedConditions?: FactList<AlertedCondition>;
  readonly compose?: ComposeServiceExtension;
  readonly kubernetes?: KubernetesWorkloadExtension;
  readonly incus?: IncusWorkloadExtension;
}

/** What every stack needs an alert for. */
export type AlertedCondition = "service-down" | "memory" | "disk";

export interface Label {
  readonly name: string;
  readonly value: Fact<string>;
  readonly place: Place;
}

export interface UserIdentity {
  /** As written: `1000:1000`, `nobody`. */
  readonly text: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly name?: string;
  /** The platform refuses to start it as root, whoever the image names (`runAsNonRoot`). */
  readonly neverRoot?: true;
  /** An account of Windows with an administrator's rights. */
  readonly administrator?: true;
}

export interface EnvironmentVariable {
  readonly name: string;
  /** `unstated` when the name alone is given, so that the value comes from the starter's environment. */
  readonly value: Fact<Sensitive>;
  /** The `env_file` it came from, when it did; on Kubernetes the ConfigMap or Secret. */
  readonly from?: string;
  /** Who gives this one value when it starts (`Secret media/plex`); `unstated` where these files do not show it. */
  readonly suppliedBy?: string;
  /** The variables that its value was interpolated from. */
  readonly interpolates: readonly string[];
  /** Those of them that have the value which stands in the file itself for one that nobody sets. */
  readonly byDefault?: readonly string[];
  readonly place: Place;
}

export interface Device {
  readonly source: string;
  readonly permissions: string;
  readonly place: Place;
}

export type SeccompProfile =
  | { readonly kind: "default" }
  | { readonly kind: "unconfined" }
  | { readonly kind: "custom"; readonly name: string };
export type ConfinementProfile = SeccompProfile;

export type HealthCheck =
  | { readonly kind: "command"; readonly command: readonly string[] }
  /** The platform itself asks it over the network; `by`: `HTTP`, `TCP`, `gRPC`. */
  | { readonly kind: "request"; readonly by: string }
  | { readonly kind: "disabled" };

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
  readonly place: Place;
}

/** One word of a command of which not every word is known. */
export interface CommandWord {
  /** Of a word that `why` says is not known, what stands before the part that is not: `--email=`, or nothing. */
  readonly text: Sensitive;
  /** A word without a text may stand for none, or for several. */
  readonly why?: string;
  readonly place: Place;
}

/** One container: what the kernel is told of a process and its surroundings. */
export interface Container extends Subject<"container"> {
  readonly workload: Ref<"workload">;
  readonly image: Ref<"image"> | undefined;
  readonly user: Fact<UserIdentity>;
  readonly supplementaryGroups: FactList<string>;
  readonly privileged: Fact<boolean>;
  readonly addedCapabilities: FactList<{ readonly name: string; readonly place: Place }>;
  readonly droppedCapabilities: FactList<{ readonly name: string; readonly place: Place }>;
  readonly noNewPrivileges: Fact<boolean>;
  readonly seccomp: Fact<SeccompProfile>;
  readonly appArmor: Fact<ConfinementProfile>;
  readonly seLinux: Fact<ConfinementProfile>;
  readonly readOnlyRoot: Fact<boolean>;
  /** Bytes. No limit is `unstated`; a limit of zero means none and is `unstated` too. */
  readonly memoryLimit: Fact<number>;
  /** CPUs, 0.5 is half of one. */
  readonly cpuLimit: Fact<number>;
  readonly pidsLimit: Fact<number>;
  readonly healthCheck: Fact<HealthCheck>;
  readonly environment: FactList<EnvironmentVariable>;
  readonly command: Fact<readonly Sensitive[]>;
  /** The words of a `command` that is unknown as a whole, one by one; absent where they cannot be told apart. */
  readonly commandWords?: readonly CommandWord[];
  readonly entrypoint: Fact<readonly Sensitive[]>;
  /** As `commandWords`, of an `entrypoint` that is unknown as a whole. */
  readonly entrypointWords?: readonly CommandWord[];
  /** The texts of either that a variable was put into: a value in one of them need not stand in the file itself. */
  readonly filledInArguments?: readonly Sensitive[];
  readonly devices: FactList<Device>;
  readonly sysctls: FactList<{ readonly name: string; readonly value: string; readonly place: Place }>;
  readonly ulimits: FactList<Ulimit>;
  /** Whether the log is bounded: a driver with rotation, or one that ships away. */
  readonly logDriver: Fact<{ readonly driver: string; readonly options: Readonly<Record<string, string>> }>;
  readonly kubernetes?: KubernetesContainerExtension;
}

export interface ImageReference {
  /** As written. */
  readonly text: string;
  /** `docker.io` when none is written. */
  readonly registry: string;
  /** `library/caddy` for `caddy`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** An image as one workload names it, or one that a build or a pipeline fetches. */
export interface Image extends Subject<"image"> {
  /** The container that runs it, the Dockerfile that stands on it or copies from it, the pipeline that works in it. */
  readonly usedBy: Ref<"container" | "repository-file" | "pipeline">;
  readonly reference: Fact<ImageReference>;
  /** True when it is built from files of the repository. */
  readonly built: boolean;
  /**
   * The repository that tells what a workload is, where `reference` does not: it is unknown for its tag alone
   * (`postgres:${TAG}`), or names a local image that stands in for this one. Not for judging where the image comes from.
   */
  readonly likelyRepository?: string;
  readonly pullPolicy: Fact<string>;
}

/** A secret as one workload receives it. */
export interface SecretReference extends Subject<"secret-reference"> {
  readonly owner: Ref<"workload">;
  readonly secret: string;
  readonly delivery: Fact<"file" | "environment" | "argument" | "build">;
  /** Octal mode of the delivered file as a number (0o400). */
  readonly mode: Fact<number>;
  readonly uid: Fact<number>;
  readonly target: Fact<string>;
  /** Where the value is kept, when a file of the repository holds it in plain text. */
  readonly plaintextSource: Fact<string | "none">;
  /** Whether the value, which a file of the repository holds, is one that anybody would try; absent where it is not seen. */
  readonly guessable?: Fact<boolean>;
  /** Where the value was found in the open (`docker inspect`, `process arguments`, `log`); known when measured. */
  readonly exposedIn?: FactList<string>;
}

export type MountKind = "bind" | "volume" | "anonymous-volume" | "tmpfs" | "other";

export interface Mount extends Subject<"mount"> {
  readonly owner: Ref<"container">;
  readonly type: Fact<MountKind>;
  /** For a bind the host's path, absolute or `./…` from the folder that is checked; a volume's name otherwise. */
  readonly source: Fact<string>;
  readonly target: Fact<string>;
  readonly readOnly: Fact<boolean>;
  readonly propagation: Fact<string>;
  /** Owner uid and mode of a bind's source or a volume's root, where a lens can see them. */
  readonly sourceOwner?: Fact<number>;
  readonly sourceMode?: Fact<number>;
  /** True where users of the container, its root too, are nobody to the owners of the files. */
  readonly asNobody?: Fact<boolean>;
}
