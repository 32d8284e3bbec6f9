import type { ComponentArgument } from "../../../facts/configuration/cluster.ts";
import { complete, incomplete, stated, unknown, unstated } from "../../../facts/fact.ts";
import type { RepositoryFile } from "../../../facts/subjects.ts";
import { asText, Fields } from "../../../formats/fields.ts";
import type { Flags } from "../../../formats/kubernetes-cluster/flags.ts";
import { flagOfVariable, startedBy, staticProgram } from "../../../formats/kubernetes-cluster/static-pod.ts";
import type { TreeNode } from "../../../formats/tree.ts";
import type { KubernetesObject } from "../objects.ts";
import { type ClusterContext, metadataOf, specOf } from "./context.ts";

/**
 * The API server and etcd of static pods (`/etc/kubernetes/manifests`), as what sets the cluster up: their flags are its
 * settings. Another etcd than the cluster's, in a namespace of its own, is a database as any other.
 *
 * Source: `cmd/kubeadm/app/util/staticpod` of Kubernetes 1.34 (namespace kube-system, labels `component` and `tier`).
 */
export function controlPlanePods(context: ClusterContext): readonly RepositoryFile[] {
  return context
    .ofKind("", "Pod")
    .filter((object) => isOfControlPlane(object, context))
    .flatMap((object) => containersOf(object).flatMap((container) => settingsIn(object, container, context)));
}

function isOfControlPlane(object: KubernetesObject, context: ClusterContext): boolean {
  return context.namespaceOf(object) === "kube-system" || hasTier(object);
}

function hasTier(object: KubernetesObject): boolean {
  const tier = metadataOf(object).fields("labels").node("tier");
  return tier?.kind === "scalar" && asText(tier) === "control-plane";
}

/**
 * Whether the kubelet starts a pod from a file of its own, as it does those of a control plane: no API server admits such
 * a pod, so that nothing is added to it. Source: Kubernetes 1.34, `plugin/pkg/admission/serviceaccount` (mirror pods are
 * left as they are), "Create static Pods" (they refer to no other object).
 */
export function isStaticControlPlane(object: KubernetesObject): boolean {
  if (object.kind !== "Pod" || object.group !== "" || object.namespace !== "kube-system" || !hasTier(object))
    return false;
  const spec = specOf(object);
  if (spec.node("serviceAccountName") !== undefined || spec.node("serviceAccount") !== undefined) return false;
  const priority = spec.node("priorityClassName");
  return priority?.kind === "scalar" && asText(priority) === "system-node-critical";
}

function containersOf(object: KubernetesObject): readonly Fields[] {
  const node = specOf(object).node("containers");
  return node?.kind === "sequence" ? node.items.map((item) => Fields.of(item, item.place, "containers")) : [];
}

function settingsIn(object: KubernetesObject, container: Fields, context: ClusterContext): readonly RepositoryFile[] {
  const lists = ["command", "args"].map((key) => container.node(key)).filter((node) => node !== undefined);
  const words = lists.flatMap((node): readonly TreeNode[] => (node.kind === "sequence" ? node.items : [node]));
  const started = startedBy(words);
  if (started === undefined) return [];
  const { program } = started;
  const open = lists.find((node) => node.kind !== "scalar" && node.incomplete !== undefined);
  const at = lists[0]?.place ?? object.place;
  const { place } = object;
  const name = `Pod/${context.namespaceOf(object)}/${object.name}`;
  const hidden = open !== undefined && open.kind !== "scalar" ? open.incomplete : undefined;
  const variables = program === "etcd" ? variablesOf(container) : complete([], at);
  return [
    {
      ...context.subject("repository-file", object.name.startsWith(program) ? name : `${name} ${program}`, place),
      path: place.kind === "file" ? place.source.path : object.name,
      role: "configuration",
      configuration: staticProgram({ ...started, why: started.why ?? hidden }, variables, at),
      mode: unstated(place),
      ignored: unstated(place),
      tracked: unstated(place),
      secretNames: complete([], place),
    },
  ];
}

/** etcd reads each of its flags from the environment too. Source: etcd 3.6, "Configuration options". */
function variablesOf(container: Fields): Flags {
  const list = container.list<ComponentArgument>("env", (item) => {
    const variable = Fields.of(item, item.place, "env");
    const name = variable.fact("name", asText, "a name", unstated);
    if (name.kind !== "stated") return { why: "the name of a variable cannot be told" };
    if (!name.value.startsWith("ETCD_")) return "nothing";
    const elsewhere = variable.node("valueFrom");
    const value =
      elsewhere === undefined
        ? variable.fact<string>("value", asText, "a text", (place) => stated("", place))
        : unknown<string>("it comes from elsewhere", elsewhere.place);
    return { value: flagOfVariable(name.value, value, item.place) };
  });
  return container.node("envFrom") === undefined || !list.complete
    ? list
    : incomplete(list.items, "variables come from elsewhere", list.place);
}
