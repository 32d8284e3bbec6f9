/**
 * What Docker Compose and the engine are to make of a stack, complete: rendering, planning, applying and the declared
 * facts start from these and look nothing up again. Lists are sorted, so that equal stacks have equal resources.
 */
export interface ComposeResources {
  /** The Compose project; equal to the stack's name. */
  readonly project: string;
  readonly services: readonly ComposeService[];
  readonly networks: readonly ComposeNetwork[];
  readonly volumes: readonly ComposeVolume[];
  /** Files on the host that `up` delivers before anything starts; one for each use of a secret as a file. */
  readonly secretFiles: readonly ComposeSecretFile[];
  /** Files on the host with the secrets that a service can take only from its environment. */
  readonly environmentFiles: readonly ComposeEnvironmentFile[];
  /** Files that are rendered beside `compose.yaml` and mounted read-only. */
  readonly configFiles: readonly ComposeConfigFile[];
}

export interface ComposeService {
  readonly name: string;
  /** `repository:tag@sha256:…`, as far as tag and digest are known. */
  readonly image: string;
  /** `never` for a stand-in, which exists only on this machine: its name must not be fetched from a registry. */
  readonly pullPolicy: "missing" | "never";
  readonly uid: number;
  readonly gid: number;
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  /** Plain settings; secrets never stand here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Paths on the host of files with further variables. */
  readonly environmentFiles: readonly string[];
  readonly readOnlyRoot: boolean;
  readonly addedCapabilities: readonly string[];
  readonly temporary: readonly ComposeTemporary[];
  readonly memoryBytes: number;
  /** Memory and swap together; equal to `memoryBytes`, so that there is no swap to escape to. */
  readonly memorySwapBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly restart: "always" | "unless-stopped" | "on-failure" | "no";
  readonly stopGraceSeconds: number;
  readonly health: ComposeHealth | undefined;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly log: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  /** Keys of `ComposeResources.networks`. */
  readonly networks: readonly string[];
  readonly ports: readonly ComposePort[];
  readonly mounts: readonly ComposeMount[];
  readonly secrets: readonly ComposeSecretMount[];
  /** Absolute path on the host of the folder that is mounted, read-only, at `/run/secrets`; undefined without one. */
  readonly secretFolder: string | undefined;
  readonly dependsOn: readonly { readonly service: string; readonly condition: "healthy" | "started" }[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A writable place in memory. */
export interface ComposeTemporary {
  readonly target: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly bytes: number;
}

export interface ComposeHealth {
  readonly command: readonly string[];
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly startPeriodSeconds: number;
}

/** A port that the service listens on; published when `host` is there. */
export interface ComposePort {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly host: { readonly address: string; readonly port: number } | undefined;
}

export type ComposeMount =
  /** `source` is a key of `ComposeResources.volumes`. */
  | { readonly kind: "volume"; readonly source: string; readonly target: string; readonly readOnly: false }
  /** `source` is an absolute path of the host. */
  | {
      readonly kind: "host";
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly propagation: "rslave" | undefined;
    }
  /** `source` is relative to the rendered folder, without a leading `./`. */
  | { readonly kind: "config"; readonly source: string; readonly target: string; readonly readOnly: true };

export interface ComposeSecretMount {
  /** A `key` of `ComposeResources.secretFiles`. */
  readonly key: string;
  readonly secret: string;
  readonly target: string;
  readonly mountedBy: SecretMounting;
}

/**
 * `folder`: it lies in the folder that is mounted at `/run/secrets`, so that a running service sees the file that takes
 * its place. `file`: it is mounted by itself, and a container goes on seeing the file that was there when it was made.
 */
export type SecretMounting = "folder" | "file";

export interface ComposeNetwork {
  /** The key in the file. */
  readonly key: string;
  /** The engine's own name. */
  readonly name: string;
  readonly zone: string | undefined;
  readonly purpose: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly internal: boolean;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ComposeVolume {
  /** The key in the file. */
  readonly key: string;
  /** The engine's own name. */
  readonly name: string;
  /** Owner and mode of its root, to be established before the first start. */
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly backup: boolean;
  readonly usedBy: readonly string[];
  /** Never changed once made: Compose offers to recreate a volume, and lose its data, when they differ. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ComposeSecretFile {
  /** The key in the file, `service.secret`. */
  readonly key: string;
  readonly secret: string;
  readonly service: string;
  /** Absolute, on the engine's host. */
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly mountedBy: SecretMounting;
  /** Text around the value, `{value}` standing for it and `{user}` for its account; undefined for the bare value. */
  readonly template: string | undefined;
}

/** A file of `NAME=value` lines, root's own at 0600; the engine's client reads it, the container does not see it. */
export interface ComposeEnvironmentFile {
  readonly service: string;
  /** Absolute, on the engine's host. */
  readonly path: string;
  readonly mode: number;
  readonly variables: readonly {
    readonly name: string;
    readonly secret: string;
    readonly template: string | undefined;
  }[];
}

export interface ComposeConfigFile {
  readonly service: string;
  /** Relative to the rendered folder, with `/`. */
  readonly path: string;
  readonly content: string;
  readonly target: string;
}

/** What of the engine's host the resources rest on. */
export interface ComposeSettings {
  /** Folder on the engine's host that delivered secrets lie under, root's own. */
  readonly deliveryRoot: string;
}

export const defaultComposeSettings: ComposeSettings = { deliveryRoot: "/var/lib/ringwall" };
