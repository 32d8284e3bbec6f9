import { child, type MappingNode, type TreeNode } from "../../../formats/tree.ts";
import type { KubernetesObject } from "../objects.ts";
import { groupAndVersion } from "./kustomize/resource.ts";
import { textAt } from "./nodes.ts";
import { isEncrypted, sealed } from "./sealed.ts";

/** The objects of one YAML document: itself, or what a `List` holds. Empty for what is no Kubernetes object. */
export function objectsIn(document: TreeNode): readonly KubernetesObject[] {
  if (document.kind !== "mapping") return [];
  const items = itemsOfList(document);
  if (items !== undefined) return items.flatMap((item) => objectsIn(item));
  const object = toObject(document);
  // What has no name because of a mistake in the text is nobody in particular.
  return object === undefined || (object.name === "" && document.incomplete !== undefined) ? [] : [object];
}

/**
 * What a `List` holds; undefined for what is none. Members of a list of one kind (`PodList`) that say neither `apiVersion`
 * nor `kind` have the list's. Source: apimachinery 1.33, `unstructured` (`decodeToList`).
 */
export function itemsOfList(document: MappingNode): readonly TreeNode[] | undefined {
  const kind = textAt(document, "kind");
  const items = child(document, "items");
  if (kind?.endsWith("List") !== true || items?.kind !== "sequence") return undefined;
  const own = document.entries.get("kind");
  const version = document.entries.get("apiVersion");
  if (kind === "List" || own === undefined || version === undefined) return items.items;
  const given = [
    ["apiVersion", { ...version, implied: true }],
    [
      "kind",
      {
        ...own,
        value: { kind: "scalar", value: kind.slice(0, -"List".length), place: own.value.place },
        implied: true,
      },
    ],
  ] as const;
  return items.items.map((item) => {
    const isBare = item.kind === "mapping" && !item.entries.has("apiVersion") && !item.entries.has("kind");
    return isBare ? { ...item, entries: new Map([...given, ...item.entries]) } : item;
  });
}

/** A mapping as the object that it is; undefined for what is none of a cluster's. */
export function toObject(document: MappingNode): KubernetesObject | undefined {
  const apiVersion = textAt(document, "apiVersion");
  const kindNode = child(document, "kind");
  const kind = textAt(document, "kind");
  if (apiVersion === undefined || kind === undefined || kindNode === undefined) return undefined;
  const { group, version } = groupAndVersion(apiVersion);
  if (!isOfCluster(group, version, kind)) return undefined;
  const node = sealed(document);
  return {
    apiVersion,
    group,
    version,
    kind,
    name: textAt(document, "metadata", "name") ?? textAt(document, "metadata", "generateName") ?? "",
    namespace: textAt(document, "metadata", "namespace"),
    node: node.kind === "mapping" ? node : document,
    place: kindNode.place,
    encrypted: isEncrypted(document),
  };
}

/** Groups of files for programs, which have `apiVersion` and `kind` and are sent to no API server. */
const programs: ReadonlySet<string> = new Set([
  "kustomize.config.k8s.io",
  "kubeadm.k8s.io",
  "kubelet.config.k8s.io",
  "kubeproxy.config.k8s.io",
  "kubescheduler.config.k8s.io",
  "apiserver.config.k8s.io",
  "audit.k8s.io",
  "client.authentication.k8s.io",
  "eksctl.io",
  "k3d.io",
  "k0sctl.k0sproject.io",
  "kind.x-k8s.io",
  "backstage.io",
  "skaffold",
]);

/** Whether a document is an object of a cluster, not a program's configuration (a kubeconfig, Talos's, kubeadm's). */
export function isOfCluster(group: string, version: string, kind: string): boolean {
  if (group === "") return version === "v1" && kind !== "Config";
  return !programs.has(group);
}
