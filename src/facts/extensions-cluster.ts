/**
 * What only a Kubernetes cluster says of its namespaces, of who may do what, of what delivers it and of the certificates
 * that it asks for. Read by the controls of Kubernetes alone.
 */
import type { Place } from "../lib/place.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Ref } from "./subjects.ts";

/** The levels of the Pod Security Standards, as the labels of a namespace name them. */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** One mode of Pod Security admission: `pod-security.kubernetes.io/enforce` and `…/enforce-version`. */
export interface PodSecurityMode {
  readonly level: Fact<PodSecurityLevel>;
  /** `latest`, `v1.36`. */
  readonly version: Fact<string>;
}

/** How the pods of one workload stand to the network policies that take them. */
export interface PodIsolation {
  readonly workload: Ref<"workload">;
  /** True when nothing but what a rule allows may come in. */
  readonly ingressDenied: Fact<boolean>;
  /** True when it may open nothing but what a rule allows. */
  readonly egressDenied: Fact<boolean>;
  /** Whether it may ask for names; true where its egress is not denied. */
  readonly dns: Fact<boolean>;
}

/** A namespace, as its own object and those in it describe it. */
export interface NamespaceExtension {
  readonly name: string;
  /** False when no Namespace object is among the files and only what lies in it names it. */
  readonly declared: boolean;
  /** One of the cluster's own: `kube-system`, `kube-public`, `kube-node-lease`. */
  readonly system: boolean;
  readonly enforce: PodSecurityMode;
  readonly audit: PodSecurityMode;
  readonly warn: PodSecurityMode;
  /** What else may refuse pods in it, as a clause: `Kyverno's policies`. */
  readonly otherAdmission: string | undefined;
  /** Whether a policy denies by default what comes in to every pod of it, those that are not seen here too. */
  readonly ingressDenied: Fact<boolean>;
  readonly egressDenied: Fact<boolean>;
  /** What applies objects to the cluster that are not among the files, policies perhaps: `Kustomization flux-system/base`. */
  readonly elsewhere: string | undefined;
  /** Its workloads that policies can take: not those on a node's own network. Incomplete where charts make pods. */
  readonly pods: FactList<PodIsolation>;
  /** Names of its ResourceQuotas, and of its LimitRanges. */
  readonly quotas: FactList<string>;
  readonly limitRanges: FactList<string>;
}

/** One rule of a role. A rule is about resources of API groups, or about paths of the API server. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Names that it is limited to; empty for all. */
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly place: Place;
}

/** Who gets a role, and where it holds. */
export interface AccessHolder {
  readonly kind: "ServiceAccount" | "User" | "Group";
  /** `media/plex` for a ServiceAccount. */
  readonly name: string;
  /** The namespace in which the role holds; undefined for the whole cluster. */
  readonly within: string | undefined;
  /** The binding: `ClusterRoleBinding/plex-admin`. */
  readonly binding: string;
  readonly place: Place;
}

/** A role with those who hold it. */
export interface RoleExtension {
  /** `ClusterRole/plex`, `Role/media/plex`. */
  readonly role: string;
  /** True for one that every cluster has (`cluster-admin`, `view`) and that only a binding names here. */
  readonly builtIn: boolean;
  readonly rules: FactList<AccessRule>;
  readonly holders: FactList<AccessHolder>;
}

/** A workload that runs as a service account. */
export interface AccountUse {
  readonly workload: Ref<"workload">;
  /** Whether the account's token is mounted into its pods. */
  readonly token: Fact<boolean>;
}

/** Somebody whom roles are given to. */
export interface AccountExtension {
  readonly kind: "ServiceAccount" | "User" | "Group";
  /** Of a ServiceAccount. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uses: FactList<AccountUse>;
  /** Secrets among the files in which the cluster keeps a token of the account that never ends; absent for none. */
  readonly lastingTokens?: readonly { readonly secret: string; readonly place: Place }[];
}

/** Where what Flux applies comes from, as its reference pins it. */
export type FluxRevision =
  | { readonly kind: "commit" | "digest"; readonly text: string }
  | { readonly kind: "tag" | "branch" | "name"; readonly text: string }
  /** A range that moves: `>=1.0.0`, `*`, `1.x`. */
  | { readonly kind: "range"; readonly text: string };

/** A GitRepository, OCIRepository, HelmRepository or Bucket. */
export interface FluxSource {
  readonly kind: "source";
  readonly object: string;
  readonly url: Fact<string>;
  /** True when the registry or bucket is asked without TLS or without verification (`insecure`). */
  readonly insecure: Fact<boolean>;
  /** Whether signatures are verified. */
  readonly verified: Fact<boolean>;
  readonly revision: Fact<FluxRevision>;
  /** True for the repository that holds the cluster's own manifests. */
  readonly own: boolean;
}

/** A Flux Kustomization. */
export interface FluxKustomization {
  readonly kind: "kustomization";
  readonly object: string;
  /** `GitRepository/flux-system/flux-system`. */
  readonly source: Fact<string>;
  /** False when it applies what lies in somebody else's repository. */
  readonly own: Fact<boolean>;
  readonly decrypts: Fact<boolean>;
  /** Encrypted files that it applies, as far as they are seen here. */
  readonly encrypted: FactList<{ readonly path: string; readonly place: Place }>;
  readonly prunes: Fact<boolean>;
  /** The account whose rights it applies with; unstated for the controller's own. */
  readonly serviceAccount: Fact<string>;
  readonly suspended: Fact<boolean>;
}

/** A HelmRelease. */
export interface FluxRelease {
  readonly kind: "release";
  readonly object: string;
  readonly chart: Fact<string>;
  readonly revision: Fact<FluxRevision>;
  readonly serviceAccount: Fact<string>;
  readonly suspended: Fact<boolean>;
}

export type FluxExtension = FluxSource | FluxKustomization | FluxRelease;

/** An Application or ApplicationSet of Argo CD. */
export interface ArgoExtension {
  readonly object: string;
  /** The `repoURL` of each of its sources: a Git repository, a registry, a repository of charts. */
  readonly addresses: readonly Fact<string>[];
  /** The same sources of an Application, as they are pinned; absent for a set, whose generators may fill all in. */
  readonly sources?: readonly ArgoSource[];
  /** The project that confines an Application; unstated where it permits every namespace, or every cluster-wide object. */
  readonly confinedBy?: Fact<string>;
}

/** One source of an Application of Argo CD. */
export interface ArgoSource {
  /** The chart's name; undefined for what lies in a Git repository. */
  readonly chart: string | undefined;
  readonly revision: Fact<FluxRevision>;
  /** Whether it is the repository of these files, as far as its paths tell. */
  readonly own: Fact<boolean>;
}

/** One switch of a connection, by the name that its author knows. */
export interface ArgoSwitch {
  /** `insecure`, `tlsClientConfig.insecure`. */
  readonly name: string;
  /** What it leaves out where it is on. */
  readonly leavesOut: "verification" | "encryption";
  readonly on: Fact<boolean>;
}

/** A Secret that tells Argo CD how to reach a repository, the repositories below an address, or a cluster. */
export interface ArgoConnection {
  readonly object: string;
  readonly to: "repository" | "credentials" | "cluster";
  /** Scheme and host, without a user: `https://git.example.org`; `ssh://` and `oci://` where none is written. */
  readonly address: Fact<string>;
  readonly switches: readonly ArgoSwitch[];
}

/** Who signs a certificate that cert-manager asks for. */
export type IssuerKind = "acme" | "acme-staging" | "self-signed" | "ca" | "other";

/** A certificate as cert-manager is asked for it. */
export interface CertManagerExtension {
  /** `Certificate/network/turbo-ac`, `Ingress/media/plex` for one that an annotation asks for. */
  readonly object: string;
  /** `ClusterIssuer/letsencrypt`. */
  readonly issuer: string;
  readonly issuerKind: Fact<IssuerKind>;
  /** The ACME server's address. */
  readonly server: Fact<string>;
  /** Whether the ACME server's own certificate goes unverified. */
  readonly serverUnverified: Fact<boolean>;
  /** Seconds. */
  readonly duration: Fact<number>;
  readonly renewBefore: Fact<number>;
  /** Per cent of the lifetime. */
  readonly renewBeforePercentage: Fact<number>;
  /** Whether it is renewed at all (`renewal.policy`). */
  readonly renewed: Fact<boolean>;
  /** Whether each renewal makes a new key. */
  readonly keyRotated: Fact<boolean>;
  readonly keyAlgorithm: Fact<string>;
  /** Bits; of the curve for ECDSA. */
  readonly keySize: Fact<number>;
  /** True when it is asked for as that of a certificate authority. */
  readonly authority: Fact<boolean>;
  /** Host names that a route serves with it. */
  readonly servedFor: readonly string[];
}

/** One rule of a network policy. */
export interface PolicyRuleExtension {
  /** `NetworkPolicy media/allow-gateway`. */
  readonly policy: string;
  readonly direction: "ingress" | "egress";
  /** Whom the rule is about: everybody, everybody outside of the cluster, every pod of the cluster, or fewer. */
  readonly peers: Fact<"everybody" | "outside" | "cluster" | "some" | "nobody">;
  /** Whether it is for every port. */
  readonly everyPort: Fact<boolean>;
  /** The workloads that it takes, as far as they are seen here. */
  readonly takes: readonly Ref<"workload">[];
}
