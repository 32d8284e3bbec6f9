import type { KubernetesContainerRole, KubernetesSecurityContext } from "../../../../facts/extensions-kubernetes.ts";
import type { Fact } from "../../../../facts/fact.ts";
import type { Ref } from "../../../../facts/subjects.ts";
import type { Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";
import type { DataObjects } from "./data-objects.ts";
import type { HostVolumes } from "./host-volumes.ts";
import type { NamespaceLimits } from "./limits.ts";
import type { PodTemplate } from "./template.ts";

/** What is common to all pods of a cluster while they are read. */
export interface PodsContext {
  readonly cluster: ClusterContext;
  readonly data: DataObjects;
  readonly hostVolumes: HostVolumes;
  readonly limitsOf: (namespace: string) => NamespaceLimits;
}

/** One object that makes pods. */
export interface PodContext extends PodsContext {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly workload: Ref<"workload">;
  readonly template: PodTemplate;
  readonly security: KubernetesSecurityContext;
  readonly hostNetwork: Fact<boolean>;
  readonly windows: boolean;
  readonly containers: readonly PodContainer[];
}

/** One container of it, as it stands in the template. */
export interface PodContainer {
  readonly name: string;
  readonly role: KubernetesContainerRole;
  readonly ref: Ref<"container">;
  readonly fields: Fields;
  readonly place: Place;
}
