/**
 * The platform-neutral subjects that controls judge. A field stands here when two platforms can fill it; what only
 * one platform knows lives in that platform's extension (`facts/extensions.ts`).
 */
import type { Place } from "../lib/place.ts";
import type { CertificateInFile } from "./certificate-in-file.ts";
import type { Configuration } from "./configuration/configuration.ts";
import type { SopsState } from "./configuration/sops.ts";
import type { ComposeServiceExtension } from "./extensions.ts";
import type {
  AccountExtension,
  ArgoConnection,
  ArgoExtension,
  CertManagerExtension,
  FluxExtension,
  NamespaceExtension,
  PolicyRuleExtension,
  RoleExtension,
} from "./extensions-cluster.ts";
import type {
  IncusClientExtension,
  IncusNetworkExtension,
  IncusProjectExtension,
  IncusServerExtension,
  IncusWorkloadExtension,
} from "./extensions-incus.ts";
import type { KubernetesContainerExtension, KubernetesWorkloadExtension } from "./extensions-kubernetes.ts";
import type { Fact, FactList } from "./fact.ts";
import type { SecretInHistory, SecretInText, UnignoredKind } from "./secrets-in-files.ts";
import type { Sensitive } from "./sensitive.ts";
import type { Delegation, SignIn } from "./sign-in.ts";
import type { WorkflowExtension } from "./workflow.ts";

/** Where facts come from. */
export type Lens = "declared" | "written" | "running" | "measured";

/** `files`: configuration and other files that no platform's project claims. */
export type PlatformName = "compose" | "incus" | "kubernetes" | "files";

export type SubjectKind =
  | "workload"
  | "container"
  | "image"
  | "network"
  | "zone"
  | "listener"
  | "route"
  | "policy-rule"
  | "secret-reference"
  | "mount"
  | "certificate"
  | "principal"
  | "grant"
  | "host"
  | "repository-file"
  | "pipeline";

/**
 * Names one subject so that it is the same subject under every lens.
 *
 * `system` is the stack or Compose project; `name` is unique for its kind within the system
 * (`caddy`, `caddy/0.0.0.0:443/tcp`, `db:/var/lib/postgresql`).
 */
export interface Ref<K extends SubjectKind = SubjectKind> {
  readonly kind: K;
  readonly system: string;
  readonly name: string;
  /** What fingerprints are made of in place of the name, so that wording it better leaves them as they are. */
  readonly knownAs?: string;
}

/** One string for a ref, usable as a key: `workload shop/caddy`. */
export function refKey(ref: Ref): string {
  return `${ref.kind} ${ref.system}/${ref.name}`;
}

export function sameRef(a: Ref, b: Ref): boolean {
  return a.kind === b.kind && a.system === b.system && a.name === b.name;
}

interface Subject<K extends SubjectKind> {
  readonly kind: K;
  readonly ref: Ref<K>;
  readonly lens: Lens;
  readonly platform: PlatformName;
  /** Where the subject as a whole stands (for Compose, the service's key). */
  readonly place: Place;
}

/** How a workload stands on the network. */
export type NetworkMode =
  | { readonly kind: "networks" }
  | { readonly kind: "host" }
  | { readonly kind: "none" }
  | { readonly kind: "default-bridge" }
  /** In the network of another: a workload's name when it is part of the system, `container:NAME` otherwise. */
  | { readonly kind: "shared"; readonly with: string };

export interface Attachment {
  readonly network: Ref<"network">;
  readonly aliases: readonly string[];
  readonly address?: string;
  readonly place: Place;
}

export type RestartPolicy =
  | { readonly kind: "no" }
  | { readonly kind: "always" }
  | { readonly kind: "unless-stopped" }
  | { readonly kind: "on-failure"; readonly attempts?: number };

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

export interface Network extends Subject<"network"> {
  readonly driver: Fact<string>;
  /** Whether members get addresses of their own on the local network; absent where the driver tells it. */
  readonly localAddresses?: Fact<boolean>;
  /** No route to outside by way of forwarding. */
  readonly internal: Fact<boolean>;
  /** Made elsewhere: nothing written here describes it. */
  readonly external: Fact<boolean>;
  readonly subnets: FactList<Fact<string>>;
  readonly attachable: Fact<boolean>;
  /** Whether members of the network may reach one another (Docker's `icc`). */
  readonly memberTraffic: Fact<boolean>;
  /** Whether members can reach the host's own listeners through the gateway address. */
  readonly hostAccess: Fact<boolean>;
  readonly incus?: IncusNetworkExtension;
  /** Who may open connections to whom where rules narrow it; absent: every member to every other. */
  readonly flows?: readonly NetworkFlow[];
  /** Why it may have members that are not described, which may be published, and whom they can reach. */
  readonly hidden?: { readonly why: string; readonly reach: readonly Ref<"workload">[] };
}

/**
 * Leave to connect: each of `from` but `notFrom` to each of `to` but `notTo`. Rules that leave out a few share the list of
 * all, so that a thousand of them do not become a million members.
 */
export interface NetworkFlow {
  readonly from: readonly Ref<"workload">[];
  readonly notFrom?: readonly Ref<"workload">[];
  readonly to: readonly Ref<"workload">[];
  readonly notTo?: readonly Ref<"workload">[];
  readonly port: number | "any";
  readonly protocol: Protocol | "any";
  /** A clause: `NetworkPolicy shop/allow-web lets it`. */
  readonly allowedBy: string;
  readonly place: Place;
  /** False when it rests on something that could not be resolved. */
  readonly certain: boolean;
}

/** A declared zone; networks realise it. */
export interface Zone extends Subject<"zone"> {
  readonly purpose: string;
  readonly cidr: Fact<string>;
  readonly outside: Fact<"none" | "outbound" | "ingress" | "both">;
  readonly networks: readonly Ref<"network">[];
  /** Where the zone is a namespace. */
  readonly kubernetes?: NamespaceExtension;
}

export type Protocol = "tcp" | "udp" | "sctp";

/** How far a listener can be reached by its binding alone. */
export type Reach =
  /** Every address of the host: whoever can route to it. */
  | "everywhere"
  /** One named address of the host. */
  | "one-address"
  /** The host's loopback only. */
  | "loopback"
  /** The networks that the workload is attached to. */
  | "networks";

/** A port that something listens on, inside its networks or published on the host. */
export interface Listener extends Subject<"listener"> {
  readonly owner: Ref<"workload">;
  readonly protocol: Fact<Protocol>;
  /** The port inside the workload. */
  readonly port: Fact<number>;
  /** The port on the host; absent for a listener that is not published. */
  readonly hostPort?: Fact<number>;
  /** First and last of the ports on the host of which the engine takes any one, where so many are offered. */
  readonly hostPortRange?: readonly [first: number, last: number];
  /**
   * The ports that one line publishes together, as they are written: `5000-5500`. One listener stands for all of them that
   * nothing is known of; those that are known have listeners of their own.
   */
  readonly publishedRange?: { readonly ports: string; readonly stands: boolean } | undefined;
  /** The address on the host; absent for a listener that is not published. */
  readonly hostAddress?: Fact<string>;
  readonly reach: Fact<Reach>;
  /** Names the use, when it is known: `http`, `https`, `postgresql`, `docker-api`. */
  readonly service?: string;
  /** Whether the listener encrypts; known for declared and measured ones. */
  readonly tls?: Fact<boolean>;
  /** The addresses that it is published to, where they are narrowed. */
  readonly audience?: Fact<Audience>;
  /** What publishes it, where that is no part of its owner: `the Service media/plex of type LoadBalancer`. */
  readonly publishedBy?: string;
  /** The same where it is an object of a cluster. */
  readonly publisher?: Publisher;
}

/** An object of a cluster by which a port is published. */
export interface Publisher {
  readonly kind: "Service" | "TCPRoute" | "UDPRoute";
  /** With its namespace: `media/plex`. */
  readonly name: string;
  /** Of a Service: addresses that are routed to the nodes lead to it, whatever type it has. */
  readonly externalAddresses?: true;
  /** Of a Service: the annotation by which an operator publishes it, whatever type it has. */
  readonly annotation?: string;
}

export type Audience = { readonly kind: "public" } | { readonly kind: "networks"; readonly cidrs: readonly string[] };

export interface RateLimit {
  readonly requests: number;
  readonly windowSeconds: number;
}

export interface ResponseHeader {
  /** In lower case. */
  readonly name: string;
  /** `null` when it is removed. */
  readonly value: string | null;
  /** Why it is removed, where nobody asked for that: a clause. */
  readonly because?: string;
  readonly place: Place;
}

/** A way in through a proxy: a host name and path that lead to a workload. */
export interface Route extends Subject<"route"> {
  /** The workload whose own labels ask for the route: known even where the target's port is not. */
  readonly owner?: Ref<"workload">;
  /** True where that workload is what the route leads to for certain, and the target's port alone is not known. */
  readonly leadsToOwner?: true;
  readonly host: Fact<string>;
  readonly path: Fact<string>;
  readonly edge: Ref<"workload"> | undefined;
  /** `tcp`: connections are handed on as they are, and no HTTP is looked at. Default: `http`. */
  readonly transport?: "http" | "tcp";
  /** Ports of the edge on which it answers, where they are known. */
  readonly edgePorts?: FactList<number>;
  /**
   * True where all that the proxy does with a written route was read, so that what is absent is absent. Labels alone do
   * not show what the proxy's own configuration adds; declared and measured routes are always whole.
   */
  readonly whole?: boolean;
  /**
   * Of a route that an object asks a proxy for: whether that proxy's own configuration adds nothing to what is stated for
   * it, or may (a clause says what is not seen). Absent where nothing is known of that.
   */
  readonly addition?: "none" | { readonly unseen: string };
  /**
   * The proxy is no part of the system, and is judged where its file is read as a whole: here the route only tells who
   * gets in.
   */
  readonly elsewhere?: true;
  /**
   * Who takes the requests on the internet and hands them to the proxy through a tunnel that the proxy opened
   * (`Cloudflare`): visitors come though nothing is published, and what is done with TLS, headers and limits is done there.
   */
  readonly relay?: string;
  /** `unstated` where it leads to no workload of the system: to files, or to an address elsewhere. */
  readonly target: Fact<{ readonly workload: Ref<"workload">; readonly port: number }>;
  readonly audience: Fact<Audience>;
  readonly tls: Fact<{ readonly minimum: "1.0" | "1.1" | "1.2" | "1.3" } | "none">;
  /** Also true where plain HTTP is not answered at all. */
  readonly redirectsToTls: Fact<boolean>;
  readonly rateLimit: Fact<RateLimit | "none">;
  readonly loginRateLimit: Fact<RateLimit | "none">;
  readonly authentication: Fact<SignIn>;
  /**
   * Whether a bouncer of an intrusion engine turns banned addresses away: before anything else decides (`first`), or
   * only behind a sign-in, which they can go on trying (`late`). Absent where the proxy's reader does not look for one.
   */
  readonly screening?: Fact<"first" | "late">;
  /** Whom the proxy asks about each request, where it has others decide; `authentication` is what that comes to. */
  readonly delegation?: Delegation;
  /** Response headers as they leave the proxy, names in lower case. `null`: removed. */
  readonly headers: FactList<ResponseHeader>;
}

/** Who may open a connection to whom. */
export interface PolicyRule extends Subject<"policy-rule"> {
  readonly from: string;
  readonly to: string;
  readonly port: Fact<number | "any">;
  readonly protocol: Fact<Protocol | "any">;
  readonly action: Fact<"allow" | "deny">;
  /** Whether the stack declares this flow; known where measured flows are set against a declaration. */
  readonly declared?: Fact<boolean>;
  /** What a declared flow follows from, as a clause: `shop.example is routed to it`. */
  readonly because?: string;
  readonly kubernetes?: PolicyRuleExtension;
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

export interface Certificate extends Subject<"certificate"> {
  readonly notAfter: Fact<string>;
  readonly keyStrength: Fact<string>;
  readonly names: readonly string[];
  /** Where cert-manager is asked for it. */
  readonly certManager?: CertManagerExtension;
  /** What it says of itself, where it lies in a file. */
  readonly inFile?: CertificateInFile;
}

export interface Principal extends Subject<"principal"> {
  readonly roles: FactList<string>;
  readonly kubernetes?: AccountExtension;
  readonly incus?: IncusClientExtension;
}

export interface Grant extends Subject<"grant"> {
  readonly principal: string;
  readonly verbs: FactList<string>;
  readonly resources: FactList<string>;
  readonly kubernetes?: RoleExtension;
  readonly incus?: IncusProjectExtension;
}

/** The engine and the machine that it runs on. */
export interface Host extends Subject<"host"> {
  readonly engineVersion: Fact<string>;
  readonly rootless: Fact<boolean>;
  readonly userNamespaces: Fact<boolean>;
  readonly remote: Fact<boolean>;
  readonly liveRestore: Fact<boolean>;
  readonly incus?: IncusServerExtension;
}

/**
 * A file that matters by being there (`.env`, a key, a `.gitignore` that should name it), or by what it tells a program
 * to do (`configuration`).
 */
export interface RepositoryFile extends Subject<"repository-file"> {
  readonly path: string;
  /** For a text that stands inside of the file: a key of a ConfigMap, the `content` of a Compose config. */
  readonly isPart?: true;
  readonly role:
    | "environment"
    | "private-key"
    | "state"
    | "gitignore"
    | "compose"
    | "secret"
    | "configuration"
    | "other";
  /** The workload that the file is mounted into or built for, when one is seen to use it. */
  readonly owner?: Ref<"workload">;
  /** What a configuration file says, for the programs that Ringwall knows. */
  readonly configuration?: Configuration;
  /** Octal mode as a number; unknown where the file system has none. */
  readonly mode: Fact<number>;
  /** Whether Git ignores it; `unstated` when the folder is no Git repository. */
  readonly ignored: Fact<boolean>;
  readonly tracked: Fact<boolean>;
  /** Names of the variables in it whose values look like real secrets. */
  readonly secretNames: FactList<string>;
  /** Secrets that stand in its text, whatever its role; absent where its text was not searched for them. */
  readonly secretsInText?: FactList<SecretInText>;
  /** Secrets that stood in it at some time in Git's history; absent where that was not searched. */
  readonly secretsInHistory?: FactList<SecretInHistory>;
  /** Kinds of secret files that the tools of these files make and that Git would take; for a `.gitignore`. */
  readonly unignored?: FactList<UnignoredKind>;
  /** What SOPS made of it or should have made of it; absent where it has nothing to do with the file. */
  readonly sops?: SopsState;
}

export interface Pipeline extends Subject<"pipeline"> {
  readonly file: string;
  readonly flux?: FluxExtension;
  readonly argo?: ArgoExtension;
  /** What a Secret of Argo CD says of the way to a repository or a cluster. */
  readonly argoConnection?: ArgoConnection;
  /** Of a workflow of GitHub Actions, Forgejo or Gitea. */
  readonly workflow?: WorkflowExtension;
}

export type AnySubject =
  | Workload
  | Container
  | Image
  | Network
  | Zone
  | Listener
  | Route
  | PolicyRule
  | SecretReference
  | Mount
  | Certificate
  | Principal
  | Grant
  | Host
  | RepositoryFile
  | Pipeline;

export type SubjectOf<K extends SubjectKind> = Extract<AnySubject, { kind: K }>;
