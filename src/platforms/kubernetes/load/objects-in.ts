import { child, type TreeNode } from "../../../formats/tree.ts";
import type { KubernetesObject } from "../objects.ts";

/** The objects of one YAML document: itself, or what a `List` holds. Empty for what is no Kubernetes object. */
export function objectsIn(document: TreeNode): readonly KubernetesObject[] {
  if (document.kind !== "mapping") return [];
  const apiVersion = textOf(child(document, "apiVersion"));
  const kindNode = child(document, "kind");
  const kind = textOf(kindNode);
  if (apiVersion === undefined || kind === undefined || kindNode === undefined) return [];
  const items = child(document, "items");
  if (kind.endsWith("List") && items?.kind === "sequence") return items.items.flatMap(objectsIn);
  const metadata = child(document, "metadata");
  const slash = apiVersion.indexOf("/");
  return [
    {
      apiVersion,
      group: slash === -1 ? "" : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      kind,
      name: textOf(child(metadata, "name")) ?? textOf(child(metadata, "generateName")) ?? "",
      namespace: textOf(child(metadata, "namespace")),
      node: document,
      place: kindNode.place,
      encrypted: child(child(document, "sops"), "mac") !== undefined,
    },
  ];
}

function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? String(node.value) : undefined;
}
