import type { PodIsolation, PodSecurityLevel, PodSecurityMode } from "../../../facts/extensions-cluster.ts";
import { complete, type Fact, type FactList, incomplete, unknown, unstated } from "../../../facts/fact.ts";
import { oncePer } from "../../../facts/once.ts";
import type { Zone } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { Place } from "../../../lib/place.ts";
import type { KubernetesObject } from "../objects.ts";
import { type Cluster, isOnNode } from "./cluster.ts";
import type { ClusterPod } from "./cluster-pods.ts";
import { type ClusterContext, metadataOf } from "./context.ts";

/** Namespaces that belong to the cluster itself. Source: Kubernetes documentation "Namespaces", initial namespaces. */
const systemNamespaces = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** Every namespace: those among the objects, and those that something lies in or is made in. */
export function readNamespaces(cluster: Cluster): readonly Zone[] {
  const { context } = cluster;
  const objects = new Map(context.ofKind("", "Namespace").map((object) => [object.name, object] as const));
  return [...namespacesOf(cluster)].map(([name, place]) =>
    zoneOf(name, objects.get(name), place, cluster.podsIn(name), cluster),
  );
}

function namespacesOf({ context, pods }: Cluster): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>();
  const add = (name: string, place: Place) => {
    if (!found.has(name)) found.set(name, place);
  };
  for (const object of context.ofKind("", "Namespace")) add(object.name, object.place);
  for (const pod of pods) add(pod.namespace, pod.object.place);
  for (const object of context.ofKind("networking.k8s.io", "NetworkPolicy"))
    add(context.namespaceOf(object), object.place);
  for (const object of context.ofKind("cilium.io", "CiliumNetworkPolicy"))
    add(context.namespaceOf(object), object.place);
  for (const { namespace, place } of context.manifests.unseen) if (namespace !== undefined) add(namespace, place);
  return found;
}

function zoneOf(
  name: string,
  object: KubernetesObject | undefined,
  place: Place,
  pods: readonly ClusterPod[],
  cluster: Cluster,
): Zone {
  const { context, policies } = cluster;
  const labels = object === undefined ? undefined : metadataOf(object).fields("labels");
  const hidden = object === undefined ? context.absent(`the namespace ${name}`) : undefined;
  const mode = (key: string) => modeOf(labels, key, hidden, place);
  return {
    ...context.subject("zone", name, place),
    purpose: name,
    cidr: unstated(place),
    outside: unstated(place),
    networks: [],
    kubernetes: {
      name,
      declared: object !== undefined,
      system: systemNamespaces.has(name),
      enforce: mode("enforce"),
      audit: mode("audit"),
      warn: mode("warn"),
      otherAdmission: otherAdmission(cluster),
      ingressDenied: policies.deniedToAll(name, "ingress", place),
      egressDenied: policies.deniedToAll(name, "egress", place),
      elsewhere: context.manifests.unseen.find(({ kind, namespace }) => kind === "elsewhere" && namespace === undefined)
        ?.what,
      pods: isolations(name, pods, cluster, place),
      quotas: namesIn(name, "ResourceQuota", cluster, place),
      limitRanges: namesIn(name, "LimitRange", cluster, place),
    },
  };
}

function isolations(
  namespace: string,
  pods: readonly ClusterPod[],
  { context, policies }: Cluster,
  place: Place,
): FactList<PodIsolation> {
  const items = pods
    .filter((pod) => !isOnNode(pod))
    .map((pod) => ({
      workload: pod.ref,
      ingressDenied: policies.denied(pod, "ingress", pod.object.place),
      egressDenied: policies.denied(pod, "egress", pod.object.place),
      dns: policies.mayAskNames(pod, pod.object.place),
    }));
  const [unseen] = context.unseenIn(namespace);
  return unseen === undefined ? complete(items, place) : incomplete(items, `${unseen.what}: ${unseen.why}`, place);
}

/** Objects by which something else than Pod Security admission decides about pods. */
const policyEngines: readonly (readonly [group: string, kind: string, name: string])[] = [
  ["kyverno.io", "ClusterPolicy", "Kyverno's policies"],
  ["policies.kyverno.io", "ValidatingPolicy", "Kyverno's policies"],
  ["templates.gatekeeper.sh", "ConstraintTemplate", "Gatekeeper's constraints"],
  ["policies.kubewarden.io", "ClusterAdmissionPolicy", "Kubewarden's policies"],
  ["admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "admission policies"],
];

function otherAdmission({ context }: Cluster): string | undefined {
  return policyEngines.find(([group, kind]) => context.ofKind(group, kind).length > 0)?.[2];
}

const levels = ["privileged", "baseline", "restricted"] as const;

/** Source: Kubernetes documentation "Pod Security Admission": the labels of a namespace, and the version `latest`. */
function modeOf(labels: Fields | undefined, mode: string, hidden: string | undefined, place: Place): PodSecurityMode {
  if (labels === undefined) {
    const why = hidden ?? "its labels are not known";
    return { level: unknown(why, place), version: unknown(why, place) };
  }
  const level = labels.fact(`pod-security.kubernetes.io/${mode}`, asLevel, "a level", unstated);
  const version: Fact<string> = labels.fact(`pod-security.kubernetes.io/${mode}-version`, asText, "a version", (at) =>
    level.kind === "stated" ? { kind: "defaulted", value: "latest", by: "platform", place: at } : unstated(at),
  );
  return { level, version };
}

function asLevel(node: Parameters<typeof asText>[0]): PodSecurityLevel | undefined {
  return levels.find((level) => level === asText(node));
}

/** What limits the objects of a namespace, looked at once for all of them. */
const byNamespace = oncePer(
  (context: ClusterContext): ReadonlyMap<string, ReadonlyMap<string, readonly KubernetesObject[]>> =>
    new Map(
      ["ResourceQuota", "LimitRange"].map((kind) => [
        kind,
        Map.groupBy(context.ofKind("", kind), (object) => context.namespaceOf(object)),
      ]),
    ),
);

function namesIn(namespace: string, kind: string, { context }: Cluster, place: Place): FactList<string> {
  const found = byNamespace(context).get(kind)?.get(namespace) ?? [];
  const names = found.map((object) => object.name);
  const [unseen] = context.unseenIn(namespace);
  return unseen === undefined || names.length > 0
    ? complete(names, place)
    : incomplete(names, `${unseen.what}: ${unseen.why}`, place);
}
