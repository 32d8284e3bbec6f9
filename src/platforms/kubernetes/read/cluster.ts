import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  unstated,
} from "../../../facts/fact.ts";
import type { Attachment, Network, Ref } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import type { KubernetesObject } from "../objects.ts";
import { type ClusterPod, clusterPods } from "./cluster-pods.ts";
import type { ClusterContext } from "./context.ts";
import { secondNetworks } from "./multus.ts";
import { PodIndex } from "./pod-index.ts";
import { clusterFlows } from "./policies/flows.ts";
import type { Policies } from "./policies/isolation.ts";
import { readPolicies } from "./policies/read-policies.ts";
import { Gateways } from "./routes/gateways.ts";
import { ReferenceGrants } from "./routes/grants.ts";
import { IstioPolicies } from "./routes/istio-policies.ts";
import { serviceNames } from "./service-listeners.ts";
import { Services } from "./services.ts";

/** The name of the one network that the pods of a cluster are on. */
export const podNetwork = "pods";

/** A cluster's pods with what surrounds them, worked out once for all that read it. */
export class Cluster {
  readonly context: ClusterContext;
  readonly pods: readonly ClusterPod[];
  readonly services: Services;
  readonly policies: Policies;
  readonly gateways: Gateways;
  readonly grants: ReferenceGrants;
  readonly mesh: IstioPolicies;
  readonly #byObject: ReadonlyMap<KubernetesObject, ClusterPod>;
  readonly index: PodIndex;
  readonly #names = new Map<ClusterPod, string[]>();

  constructor(context: ClusterContext) {
    this.context = context;
    this.pods = clusterPods(context);
    this.index = new PodIndex(this.pods);
    this.services = new Services(context, this.index);
    this.policies = readPolicies(context);
    this.gateways = new Gateways(context);
    this.grants = new ReferenceGrants(context);
    this.mesh = new IstioPolicies(context);
    this.#byObject = new Map(this.pods.map((pod) => [pod.object, pod] as const));
    for (const service of this.services.all) {
      for (const pod of service.pods) {
        const names = this.#names.get(pod) ?? [];
        names.push(...serviceNames(service));
        this.#names.set(pod, names);
      }
    }
  }

  podsIn(namespace: string): readonly ClusterPod[] {
    return this.index.in(namespace);
  }

  /** The networks that the pods of an object are on: that of the cluster, and those that Multus attaches. */
  attachmentsOf(object: KubernetesObject): FactList<Attachment> {
    const pod = this.#byObject.get(object);
    if (pod === undefined) return complete([], object.place);
    const { hostNetwork } = pod;
    if (hostNetwork.kind === "unknown") return incomplete([], hostNetwork.why, hostNetwork.place);
    const own: Attachment = {
      network: this.context.ref("network", podNetwork),
      aliases: this.#names.get(pod) ?? [],
      place: object.place,
    };
    const more = secondNetworks(pod, this.context);
    return complete(isOnNode(pod) ? more : [own, ...more], object.place);
  }

  /** The network of the cluster's pods; undefined for a cluster of which no pod is seen. */
  network(): Network | undefined {
    const first = this.pods[0];
    if (first === undefined) return undefined;
    const place: Place = first.object.place;
    const inside = this.pods.filter((pod) => !isOnNode(pod));
    const onNodes = this.pods.filter(isOnNode);
    const flag = (value: boolean): Fact<boolean> => defaulted(value, "platform", place);
    const hidden = this.#hidden(inside);
    return {
      ...this.context.subject("network", podNetwork, place),
      driver: unstated(place),
      internal: flag(false),
      external: flag(false),
      subnets: complete([], place),
      attachable: flag(true),
      memberTraffic: flag(true),
      hostAccess: unstated(place),
      flows: clusterFlows(inside, onNodes, this.policies, place),
      ...(hidden === undefined ? {} : { hidden }),
    };
  }

  /** Pods that charts make may be published, and reach every pod that no policy isolates. */
  #hidden(pods: readonly ClusterPod[]): Network["hidden"] {
    const unseen = this.context.manifests.unseen[0];
    if (unseen === undefined) return undefined;
    const open = pods.filter((pod) => knownValue(this.policies.denied(pod, "ingress", pod.object.place)) !== true);
    const reach: readonly Ref<"workload">[] = open.map((pod) => pod.ref);
    return { why: `pods that are not seen here may reach it, such as those of ${unseen.what}`, reach };
  }
}

/** Whether a pod is on its node's own network, where policies do not take it. */
export function isOnNode(pod: ClusterPod): boolean {
  return knownValue(pod.hostNetwork) === true;
}
