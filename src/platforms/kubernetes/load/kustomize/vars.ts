/** The old `vars`: `$(NAME)` in known fields stands for a field of another object. Source: kustomize v5.7.1, `api/filters/refvar`. */
import type { MappingNode, TreeNode } from "../../../../formats/tree.ts";
import { isNothing, scalar, textAt, textOf, valueAt } from "../nodes.ts";
import { changeAt, type FieldSpec, fieldSpec } from "./field-specs.ts";
import { lookUp, splitPath } from "./replacements.ts";
import { isOfKind, type Resource } from "./resource.ts";
import { namesId, parseExactSelector } from "./selector.ts";

const containerFields = ["args", "command", "env/value", "volumeMounts/mountPath"];

function podFields(kind: string, pod: string): readonly FieldSpec[] {
  const fields = ["containers", "initContainers"].flatMap((list) => containerFields.map((field) => `${list}/${field}`));
  return [...fields, "volumes/nfs/server"].map((field) => fieldSpec(`${pod}/${field}`, { kind }));
}

/** Source: `api/internal/konfig/builtinpluginconsts/varreference.go`. */
const variableFields: readonly FieldSpec[] = [
  ...podFields("Pod", "spec"),
  ...["DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"].flatMap((kind) =>
    podFields(kind, "spec/template/spec"),
  ),
  ...podFields("CronJob", "spec/jobTemplate/spec/template/spec"),
  fieldSpec("spec/template/metadata/annotations", { kind: "Deployment" }),
  ...["spec/rules/host", "spec/tls/hosts", "spec/tls/secretName"].map((path) => fieldSpec(path, { kind: "Ingress" })),
  ...["spec/ports/port", "spec/ports/targetPort"].map((path) => fieldSpec(path, { kind: "Service" })),
  fieldSpec("spec/volumeClaimTemplates/spec/nfs/server", { kind: "StatefulSet" }),
  fieldSpec("spec/nfs/server", { kind: "PersistentVolume" }),
  fieldSpec("metadata/labels"),
  fieldSpec("metadata/annotations"),
];

/** A variable that no object gives a value, with its entry. */
export type UnknownVariable = MappingNode;

/** Puts the variables' values where they are used; gives back those that have none. */
export function resolveVars(
  resources: readonly Resource[],
  vars: readonly MappingNode[],
  more: readonly FieldSpec[],
): readonly UnknownVariable[] {
  const values = new Map<string, TreeNode>();
  const unknown = vars.filter((entry) => {
    const value = variableValue(resources, entry);
    const name = textAt(entry, "name");
    if (value !== undefined && name !== undefined) values.set(name, value);
    return value === undefined;
  });
  if (values.size === 0) return unknown;
  for (const resource of resources) {
    for (const spec of [...variableFields, ...more]) {
      if (!isOfKind(resource.id, spec)) continue;
      const node = changeAt(resource.node, spec.path, undefined, (value) => expandAll(value, values));
      if (node.kind === "mapping") resource.node = node;
    }
  }
  return unknown;
}

function variableValue(resources: readonly Resource[], entry: MappingNode): TreeNode | undefined {
  const reference = valueAt(entry, "objref");
  const apiVersion = textAt(reference, "apiVersion") ?? "";
  const slash = apiVersion.indexOf("/");
  const selector = parseExactSelector(reference);
  const id = {
    ...selector.id,
    group: slash === -1 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
  };
  const found = resources.filter(({ ids }) => namesId({ ...selector, id }, ids));
  const [resource] = found;
  if (resource === undefined || found.length > 1) return undefined;
  const path = textAt(entry, "fieldref", "fieldpath") ?? textAt(entry, "fieldref", "fieldPath") ?? "metadata.name";
  return lookUp(resource.node, splitPath(path))[0];
}

/** Every text at a field: itself, the members of a list, the values of a mapping. */
function expandAll(value: TreeNode | undefined, values: ReadonlyMap<string, TreeNode>): TreeNode | undefined {
  if (value === undefined || isNothing(value)) return value;
  switch (value.kind) {
    case "scalar":
      return expand(value, values);
    case "sequence":
      return { ...value, items: value.items.map((item) => expand(item, values)) };
    case "mapping": {
      const entries = [...value.entries].map(
        ([key, entry]) => [key, { ...entry, value: expand(entry.value, values) }] as const,
      );
      return { ...value, entries: new Map(entries) };
    }
  }
}

function expand(node: TreeNode, values: ReadonlyMap<string, TreeNode>): TreeNode {
  if (node.kind !== "scalar" || typeof node.value !== "string" || !node.value.includes("$(")) return node;
  const whole = /^\$\(([^()]+)\)$/.exec(node.value);
  const only = whole === null ? undefined : values.get(whole[1] ?? "");
  if (only !== undefined) return only.kind === "scalar" ? { ...only, place: node.place } : node;
  const text = node.value.replaceAll(/\$(\$|\(([^()]+)\))/g, (all, first: string, name: string | undefined) => {
    if (first === "$") return "$";
    const value = textOf(values.get(name ?? ""));
    return value ?? all;
  });
  return text === node.value ? node : scalar(text, node.place);
}
