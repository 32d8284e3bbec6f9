/**
 * What only a pod says of itself: its security contexts as they are written, for each level on its own, which the Pod
 * Security Standards judge, and what of a pod no other platform has. Read by the controls of Kubernetes alone.
 *
 * Source of names and meanings: k8s.io/api/core/v1 as of Kubernetes v1.37.
 */
import type { Place } from "../lib/place.ts";
import type { Fact, FactList } from "./fact.ts";

/**
 * The fields that a pod's and a container's security context share, as written at that level: `unstated` where the
 * level says nothing, inherited by nobody.
 */
export interface KubernetesSecurityContext {
  readonly runAsUser: Fact<number>;
  readonly runAsNonRoot: Fact<boolean>;
  /** `seccompProfile.type`; empty for a profile without a type, which the API server refuses. */
  readonly seccompProfile: Fact<string>;
  /** `appArmorProfile.type`; empty as above. */
  readonly appArmorProfile: Fact<string>;
  readonly seLinuxType: Fact<string>;
  readonly seLinuxUser: Fact<string>;
  readonly seLinuxRole: Fact<string>;
  /** `windowsOptions.hostProcess`. */
  readonly hostProcess: Fact<boolean>;
  /** `windowsOptions.runAsUserName`. */
  readonly runAsUserName: Fact<string>;
}

/** One entry of `volumes`. */
export interface KubernetesVolume {
  readonly name: string;
  /** The key that says where it comes from (`hostPath`, `configMap`); `emptyDir` where none does, as the API server sets it. */
  readonly source: Fact<string>;
  readonly place: Place;
}

/** What a Deployment, a CronJob or another object that makes pods says of each of its pods. */
export interface KubernetesWorkloadExtension {
  /** `Deployment`, `CronJob`, `Pod`. */
  readonly objectKind: string;
  /** The object's own name. */
  readonly name: string;
  readonly namespace: string;
  /** Names of all its containers. Incomplete when the lists of them cannot be read whole. */
  readonly containerNames: FactList<string>;
  /** `linux` or `windows`; unstated when nothing says so, and then it is nearly always Linux. */
  readonly operatingSystem: Fact<string>;
  /** True for one whose pods are meant to end: a Job or CronJob. */
  readonly runsToCompletion: boolean;
  readonly hostNetwork: Fact<boolean>;
  /** Present where what runs on in it is known to open no port: it set up the node, and only waits. */
  readonly opensNoPort?: true;
  /** Whether its containers see one another's processes (`shareProcessNamespace`). */
  readonly sharesProcesses: Fact<boolean>;
  readonly security: KubernetesSecurityContext;
  readonly sysctls: FactList<{ readonly name: string; readonly place: Place }>;
  readonly volumes: FactList<KubernetesVolume>;
  /** `container.apparmor.security.beta.kubernetes.io/NAME` with its value. */
  readonly appArmorAnnotations: FactList<{
    readonly container: string;
    readonly profile: string;
    readonly place: Place;
  }>;
  /** The name of the service account; `default` where none is stated. */
  readonly serviceAccount: Fact<string>;
  /** Whether the API server mounts that account's token: the pod's own word before the account's, true where neither has one. */
  readonly tokenMounted: Fact<boolean>;
}

/** What starts when, and for how long: `sidecar` is an init container that stays (`restartPolicy: Always`). */
export type KubernetesContainerRole = "main" | "init" | "sidecar" | "ephemeral";

/** What one container of a pod says of itself. */
export interface KubernetesContainerExtension {
  readonly name: string;
  readonly role: KubernetesContainerRole;
  /** True where `spec.os.name` is `windows`, which has no capabilities, seccomp, AppArmor, SELinux. */
  readonly windows: boolean;
  readonly security: KubernetesSecurityContext;
  readonly allowPrivilegeEscalation: Fact<boolean>;
  readonly procMount: Fact<string>;
  /** As written: `ALL` and `all` are two names to the Pod Security Standards. */
  readonly addedCapabilities: FactList<{ readonly name: string; readonly place: Place }>;
  readonly droppedCapabilities: FactList<{ readonly name: string; readonly place: Place }>;
  readonly hostPorts: FactList<{ readonly port: number; readonly place: Place }>;
  /** The `host` of probes and lifecycle hooks, to which the kubelet connects in the container's name. */
  readonly probeHosts: FactList<{ readonly host: string; readonly field: string; readonly place: Place }>;
  /** CPUs that the scheduler keeps for it. */
  readonly cpuRequest: Fact<number>;
}
