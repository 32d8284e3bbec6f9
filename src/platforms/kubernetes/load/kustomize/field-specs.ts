/**
 * Which fields of which kinds kustomize changes for `namespace`, `labels`, `images` and the like, and how a field is
 * reached: `/` between keys, through every member of a list.
 *
 * Source: kustomize v5.7.1, `api/internal/konfig/builtinpluginconsts` and `api/filters/fieldspec`.
 */
import type { SequenceNode, TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { isNothing, mapping, withEntry, withItems, withValue } from "../nodes.ts";
import { isOfKind, type KindSelector, type Resource } from "./resource.ts";

export interface FieldSpec extends KindSelector {
  readonly path: readonly string[];
  /** Whether the field is made where it is absent. */
  readonly create: boolean;
}

/** A field of a kind, as a kustomization's own configuration writes it: a slash within a key is escaped. */
export function fieldSpec(path: string, of: KindSelector = {}, create = false): FieldSpec {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    const last = parts.at(-1);
    if (last?.endsWith("\\") === true) parts[parts.length - 1] = `${last.slice(0, -1)}/${part}`;
    else parts.push(part);
  }
  return { ...of, path: parts, create };
}

/** Changes every value that a path leads to; gives back the same resource node where nothing changes. */
export function changeFields(
  resource: Resource,
  specs: readonly FieldSpec[],
  change: (value: TreeNode | undefined) => TreeNode | undefined,
  made: Place,
): void {
  let { id } = resource;
  for (const spec of specs) {
    if (!isOfKind(id, spec)) continue;
    const node = changeAt(resource.node, spec.path, spec.create ? made : undefined, change);
    if (node.kind !== "mapping" || node === resource.node) continue;
    resource.node = node;
    id = resource.id;
  }
}

/** The tree with the values below a path changed; `made` is the place of what is made on the way, none to make nothing. */
export function changeAt(
  node: TreeNode,
  path: readonly string[],
  made: Place | undefined,
  change: (value: TreeNode | undefined) => TreeNode | undefined,
): TreeNode {
  return changeFrom(node, path, 0, made, change);
}

/** As `changeAt`, from one part of the path on. */
function changeFrom(
  node: TreeNode,
  path: readonly string[],
  at: number,
  made: Place | undefined,
  change: (value: TreeNode | undefined) => TreeNode | undefined,
): TreeNode {
  const first = path[at];
  if (first === undefined) return change(node) ?? node;
  if (node.kind === "scalar") return node;
  if (node.kind === "sequence") return changeMembers(node, path, at, made, change);
  const isList = first.endsWith("[]");
  const key = isList ? first.slice(0, -2) : first;
  const entry = node.entries.get(key);
  const present = entry === undefined || isNothing(entry.value) ? undefined : entry.value;
  if (present === undefined && (made === undefined || isList)) return node;
  const value = below(present, path, at + 1, made, change);
  if (value === undefined || value === entry?.value) return node;
  return entry === undefined ? withValue(node, key, value) : withEntry(node, { ...entry, value });
}

/** Apart, for what the function of each member needs is then kept for a list alone, and not for every node. */
function changeMembers(
  node: SequenceNode,
  path: readonly string[],
  at: number,
  made: Place | undefined,
  change: (value: TreeNode | undefined) => TreeNode | undefined,
): TreeNode {
  return withItems(node, (item) => changeFrom(item, path, at, made, change));
}

function below(
  present: TreeNode | undefined,
  path: readonly string[],
  at: number,
  made: Place | undefined,
  change: (value: TreeNode | undefined) => TreeNode | undefined,
): TreeNode | undefined {
  if (at === path.length) return change(present);
  if (present !== undefined) return changeFrom(present, path, at, made, change);
  return made === undefined ? undefined : changeFrom(mapping([], made), path, at, made, change);
}

const affinities = ["podAffinity", "podAntiAffinity"].flatMap((kind) => [
  `spec/template/spec/affinity/${kind}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `spec/template/spec/affinity/${kind}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
]);

function podSelectors(kind: string): readonly FieldSpec[] {
  return [...affinities, "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels"].map((path) =>
    fieldSpec(path, { group: "apps", kind }),
  );
}

const policies = ["spec/podSelector", "spec/ingress/from/podSelector", "spec/egress/to/podSelector"].map((path) =>
  fieldSpec(`${path}/matchLabels`, { group: "networking.k8s.io", kind: "NetworkPolicy" }),
);

/** Labels of objects and of the pods that they make. */
export const templateLabels: readonly FieldSpec[] = [
  fieldSpec("metadata/labels", {}, true),
  fieldSpec("spec/template/metadata/labels", { version: "v1", kind: "ReplicationController" }, true),
  ...["Deployment", "ReplicaSet", "DaemonSet"].map((kind) =>
    fieldSpec("spec/template/metadata/labels", { kind }, true),
  ),
  fieldSpec("spec/template/metadata/labels", { group: "apps", kind: "StatefulSet" }, true),
  fieldSpec("spec/volumeClaimTemplates[]/metadata/labels", { group: "apps", kind: "StatefulSet" }, true),
  fieldSpec("spec/template/metadata/labels", { group: "batch", kind: "Job" }, true),
  fieldSpec("spec/jobTemplate/metadata/labels", { group: "batch", kind: "CronJob" }, true),
  fieldSpec("spec/jobTemplate/spec/template/metadata/labels", { group: "batch", kind: "CronJob" }, true),
];

/** Those, and everything that selects by them. */
export const commonLabels: readonly FieldSpec[] = [
  fieldSpec("spec/selector", { version: "v1", kind: "Service" }, true),
  fieldSpec("spec/selector", { version: "v1", kind: "ReplicationController" }, true),
  fieldSpec("spec/selector/matchLabels", { kind: "Deployment" }, true),
  ...podSelectors("Deployment"),
  fieldSpec("spec/selector/matchLabels", { kind: "ReplicaSet" }, true),
  fieldSpec("spec/selector/matchLabels", { kind: "DaemonSet" }, true),
  fieldSpec("spec/selector/matchLabels", { group: "apps", kind: "StatefulSet" }, true),
  ...podSelectors("StatefulSet"),
  fieldSpec("spec/selector/matchLabels", { group: "batch", kind: "Job" }),
  fieldSpec("spec/jobTemplate/spec/selector/matchLabels", { group: "batch", kind: "CronJob" }),
  fieldSpec("spec/selector/matchLabels", { group: "policy", kind: "PodDisruptionBudget" }),
  ...policies,
  ...templateLabels,
];

export const metadataLabels: readonly FieldSpec[] = [fieldSpec("metadata/labels", {}, true)];

export const commonAnnotations: readonly FieldSpec[] = [
  fieldSpec("metadata/annotations", {}, true),
  fieldSpec("spec/template/metadata/annotations", { version: "v1", kind: "ReplicationController" }, true),
  ...["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"].map((kind) =>
    fieldSpec("spec/template/metadata/annotations", { kind }, true),
  ),
  fieldSpec("spec/template/metadata/annotations", { group: "batch", kind: "Job" }, true),
  fieldSpec("spec/jobTemplate/metadata/annotations", { group: "batch", kind: "CronJob" }, true),
  fieldSpec("spec/jobTemplate/spec/template/metadata/annotations", { group: "batch", kind: "CronJob" }, true),
];

/** Besides `metadata/namespace`, which every namespaced object has. */
export const namespaces: readonly FieldSpec[] = [
  fieldSpec("metadata/name", { kind: "Namespace", version: "v1" }, true),
  fieldSpec("spec/service/namespace", { group: "apiregistration.k8s.io", kind: "APIService" }, true),
  fieldSpec("spec/conversion/webhook/clientConfig/service/namespace", {
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
  }),
];

/** Besides every list under `containers` or `initContainers`, wherever it stands. */
export const images: readonly FieldSpec[] = ["spec", "spec/template/spec"].flatMap((pod) =>
  ["containers[]/image", "initContainers[]/image", "volumes[]/image/reference"].map((path) =>
    fieldSpec(`${pod}/${path}`),
  ),
);

export const replicas: readonly FieldSpec[] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map(
  (kind) => fieldSpec("spec/replicas", { kind }, true),
);
