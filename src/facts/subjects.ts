/**
 * The platform-neutral subjects that controls judge. A field stands here when two platforms can fill it; what only
 * one platform knows lives in that platform's extension (`facts/extensions.ts`).
 */
import type { CertificateInFile } from "./certificate-in-file.ts";
import type { Configuration } from "./configuration/configuration.ts";
import type { SopsState } from "./configuration/sops.ts";
import type {
  AccountExtension,
  ArgoConnection,
  ArgoExtension,
  CertManagerExtension,
  FluxExtension,
  RoleExtension,
} from "./extensions-cluster.ts";
import type { IncusClientExtension, IncusProjectExtension, IncusServerExtension } from "./extensions-incus.ts";
import type { Fact, FactList } from "./fact.ts";
import type { SecretInHistory, SecretInText, UnignoredKind } from "./secrets-in-files.ts";
import type { Ref, Subject, SubjectKind } from "./subject.ts";
import type { Listener, Network, PolicyRule, Zone } from "./subjects-network.ts";
import type { Route } from "./subjects-route.ts";
import type { Container, Image, Mount, SecretReference, Workload } from "./subjects-workload.ts";
import type { WorkflowExtension } from "./workflow.ts";

export type {
  Lens,
  PlatformName,
  Ref,
  SubjectKind,
} from "./subject.ts";
export { refKey, sameRef } from "./subject.ts";
export type {
  Attachment,
  Audience,
  Listener,
  Network,
  NetworkFlow,
  NetworkMode,
  PolicyRule,
  PortSpans,
  Protocol,
  Publisher,
  Reach,
  Zone,
} from "./subjects-network.ts";
export type {
  RateLimit,
  ResponseHeader,
  Route,
} from "./subjects-route.ts";
export type {
  AlertedCondition,
  CommandWord,
  ConfinementProfile,
  Container,
  Device,
  EnvironmentVariable,
  HealthCheck,
  Image,
  ImageReference,
  Label,
  Mount,
  MountKind,
  RestartPolicy,
  SeccompProfile,
  SecretReference,
  Ulimit,
  UserIdentity,
  Workload,
} from "./subjects-workload.ts";

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
