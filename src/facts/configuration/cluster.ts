/**
 * What sets a cluster up, as far as a control reads it: kubeadm's files, the kubelet's own configuration, files that the
 * API server is started with, static pods of the control plane, k3s and RKE2, and the clusters of k3d and kind. Talos says
 * the same of its machines (`talos.ts`).
 */
import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Sensitive } from "../sensitive.ts";

/** A value that only the machines may know and that anybody reads who has the file. */
export interface ClusterSecret {
  /** Where it stands: `machine.ca.key`, `discovery.bootstrapToken.token`. */
  readonly name: string;
  readonly value: Fact<Sensitive>;
  /** What it opens, as a clause: "whoever has it issues certificates of the machines' API". */
  readonly opens: string;
  /** True for one that gives the cluster or its machines away. */
  readonly root: boolean;
  readonly place: Place;
}

/** A flag of a component: `anonymous-auth` of the API server. */
export interface ComponentArgument {
  readonly name: string;
  /** `defaulted` for what the component does without the flag, where a reader knows it. */
  readonly value: Fact<string>;
  readonly place: Place;
}

/** A part of a cluster that has settings of its own. */
export type ClusterPart = "API server" | "kubelet" | "etcd" | "kube-proxy";

/** What encrypts Secrets before they reach etcd. */
export type EncryptionProvider = "secretbox" | "aesgcm" | "aescbc" | "kms" | "none";

export interface AuditSettings {
  readonly records: boolean;
  /** Absent where the rules stand in a file that is not seen here. */
  readonly bodiesOfSecrets?: boolean;
}

/**
 * Settings of a cluster's parts. `defaulted` where the tool that sets it up gives a value; `unstated` where another file of
 * the same machine may say it, or nothing does.
 */
export interface ClusterSettings {
  /** True for a configuration that a machine can be given as it is; false for a patch, and for a part of one. */
  readonly whole: boolean;
  /** The parts that it speaks of; of the others nothing is to be judged. Absent: all. */
  readonly parts?: readonly ClusterPart[];
  readonly role: Fact<string>;
  /** Whether the API server answers requests without a name: never, for checks of its health alone, or always. */
  readonly anonymousApi: Fact<"off" | "health" | "on">;
  readonly apiServerArguments: FactList<ComponentArgument>;
  /** The kubelet's flags; fields of its own configuration stand here under the names of the flags that they replace. */
  readonly kubeletArguments: FactList<ComponentArgument>;
  readonly etcdArguments: FactList<ComponentArgument>;
  /** The level of the Pod Security Standards that a namespace without labels gets. */
  readonly podSecurity: Fact<string>;
  readonly audit: Fact<AuditSettings>;
  readonly etcdEncryption: Fact<EncryptionProvider>;
  /** Whether containers without a seccomp profile of their own get the runtime's. */
  readonly seccompDefault: Fact<boolean>;
}

/** The program whose files they are; `kubernetes` for files of a component itself. */
export type ClusterTool = "kubeadm" | "k3s" | "rke2" | "k3d" | "kind" | "kubernetes";

export interface ClusterConfiguration {
  readonly software: "cluster";
  readonly tool: ClusterTool;
  readonly settings: ClusterSettings;
  /** kube-proxy's flags, and the fields of its own configuration under their names. */
  readonly proxyArguments: FactList<ComponentArgument>;
  /** Whether a machine that joins verifies whose cluster it is. Absent where none joins by the file. */
  readonly joinVerified?: Fact<boolean>;
  /** The permissions of the administrator's kubeconfig that the tool writes. Absent where it writes none. */
  readonly kubeconfigMode?: Fact<number>;
  readonly secrets: FactList<ClusterSecret>;
}
