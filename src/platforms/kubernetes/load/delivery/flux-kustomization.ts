/** A Flux Kustomization: what it asks kustomize for. Source: kustomize-controller v1.9.4, `Kustomization` v1. */

import type { MappingNode, TreeNode } from "../../../../formats/tree.ts";
import { normalise } from "../../../../repository/files.ts";
import type { KubernetesObject } from "../../objects.ts";
import { asText, type Kustomization, patchEntry } from "../kustomize/kustomization.ts";
import { entriesOf, itemsOf, mapping, type Text, textAt, valueAt, withValue } from "../nodes.ts";

export function isFluxKustomization({ group, kind }: KubernetesObject): boolean {
  return group === "kustomize.toolkit.fluxcd.io" && kind === "Kustomization";
}

/** Where it finds its manifests, relative to the source's root; undefined for a path that cannot be told. */
export function pathOf({ node }: KubernetesObject): Text | undefined {
  const path = valueAt(node, "spec", "path");
  if (path === undefined) return { text: "", place: node.place };
  const text = asText(path);
  const within = text === undefined ? undefined : normalise(text.text.replace(/^\/+/, ""));
  return text === undefined || within === undefined ? undefined : { text: within, place: text.place };
}

/** The source that it takes its manifests from: `GitRepository flux-system`. */
export function sourceOf({ node }: KubernetesObject): { readonly kind: string; readonly name: string } {
  const source = valueAt(node, "spec", "sourceRef");
  return { kind: textAt(source, "kind") ?? "", name: textAt(source, "name") ?? "" };
}

/** The kustomization of its path with what it lays over that. */
export function amended(kustomization: Kustomization, { node }: KubernetesObject): Kustomization {
  const spec = valueAt(node, "spec");
  const mappings = (key: string): readonly MappingNode[] =>
    itemsOf(valueAt(spec, key)).filter((item) => item.kind === "mapping");
  return {
    ...kustomization,
    namespace: asText(valueAt(spec, "targetNamespace")) ?? kustomization.namespace,
    namePrefix: asText(valueAt(spec, "namePrefix")) ?? kustomization.namePrefix,
    nameSuffix: asText(valueAt(spec, "nameSuffix")) ?? kustomization.nameSuffix,
    components: [
      ...kustomization.components,
      ...itemsOf(valueAt(spec, "components")).flatMap((item) => asText(item) ?? []),
    ],
    patches: [...kustomization.patches, ...mappings("patches").map(patchEntry)],
    patchesJson6902: [...kustomization.patchesJson6902, ...mappings("patchesJson6902").map(patchEntry)],
    images: mergedImages(kustomization.images, mappings("images")),
  };
}

/** An image that both name is as Flux says. */
function mergedImages(own: readonly MappingNode[], flux: readonly MappingNode[]): readonly MappingNode[] {
  const names = new Set(flux.map((image) => textAt(image, "name")));
  return [...own.filter((image) => !names.has(textAt(image, "name"))), ...flux];
}

/** An object with the labels and annotations that the Kustomization gives to all of its objects. */
export function withCommonMetadata(object: MappingNode, { node }: KubernetesObject): MappingNode {
  const common = valueAt(node, "spec", "commonMetadata");
  return ["labels", "annotations"].reduce((all, key) => withAll(all, key, valueAt(common, key)), object);
}

function withAll(object: MappingNode, key: string, added: TreeNode | undefined): MappingNode {
  const pairs = entriesOf(added);
  const metadata = valueAt(object, "metadata");
  if (pairs.length === 0 || metadata?.kind !== "mapping" || added === undefined) return object;
  const before = valueAt(metadata, key);
  const base = before?.kind === "mapping" ? before : mapping([], added.place);
  const all = pairs.reduce((made, { key: name, value }) => withValue(made, name, value), base);
  return withValue(object, "metadata", withValue(metadata, key, all));
}
