import type { TreeNode } from "../../../../formats/tree.ts";
import { entriesOf, textAt, textOf, valueAt } from "../nodes.ts";
import { type LabelTest, parseLabelSelector } from "./label-selector.ts";
import { Pattern } from "./pattern.ts";
import { effectiveNamespace, isOfKind, type Resource, type ResourceId } from "./resource.ts";

/** Which objects a patch is for. Undefined fields of the file match everything. */
export type Selector = (resource: Resource) => boolean;

const fields = ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"] as const;
type Field = (typeof fields)[number];

/** The selector that a `target:` states, or the name of the field that cannot be read. */
export function parseSelector(node: TreeNode): Selector | { readonly unread: Field } {
  const patterns = new Map<Field, Pattern>();
  for (const field of ["group", "version", "kind", "name", "namespace"] as const) {
    const text = textAt(node, field) ?? "";
    const pattern = text === "" ? undefined : Pattern.parse(text);
    if (text !== "" && pattern === undefined) return { unread: field };
    if (pattern !== undefined) patterns.set(field, pattern);
  }
  const labels = parseLabelSelector(textAt(node, "labelSelector") ?? "");
  if (labels === undefined) return { unread: "labelSelector" };
  const annotations = parseLabelSelector(textAt(node, "annotationSelector") ?? "");
  if (annotations === undefined) return { unread: "annotationSelector" };
  const fits = (field: Field, text: string): boolean => patterns.get(field)?.matches(text) !== false;
  return (resource) => {
    const { id, original } = resource;
    return (
      (fits("namespace", effectiveNamespace(original)) || fits("namespace", effectiveNamespace(id))) &&
      (fits("name", original.name) || fits("name", id.name)) &&
      fits("group", id.group) &&
      fits("version", id.version) &&
      fits("kind", id.kind) &&
      hasLabels(resource, labels) &&
      matchesAnnotations(resource, annotations)
    );
  };
}

function hasLabels(resource: Resource, test: LabelTest): boolean {
  return test(textsOf(valueAt(resource.node, "metadata", "labels")));
}

function matchesAnnotations(resource: Resource, test: LabelTest): boolean {
  return test(textsOf(valueAt(resource.node, "metadata", "annotations")));
}

function textsOf(node: TreeNode | undefined): ReadonlyMap<string, string> {
  return new Map(entriesOf(node).map(({ key, value }) => [key, textOf(value) ?? ""] as const));
}

/** What a replacement or variable says of one object, by its exact names; each left out matches everything. */
export interface ExactSelector {
  readonly id: Partial<ResourceId>;
  readonly labels: LabelTest;
  readonly annotations: LabelTest;
}

export function parseExactSelector(node: TreeNode | undefined): ExactSelector {
  const [group, version] = apiVersionOf(node);
  const id = { group, version, ...textsAt(node, ["kind", "name", "namespace"]) };
  return {
    id,
    labels: parseLabelSelector(textAt(node, "labelSelector") ?? "") ?? (() => false),
    annotations: parseLabelSelector(textAt(node, "annotationSelector") ?? "") ?? (() => false),
  };
}

function apiVersionOf(node: TreeNode | undefined): readonly [string, string] {
  return [textAt(node, "group") ?? "", textAt(node, "version") ?? ""];
}

function textsAt(node: TreeNode | undefined, keys: readonly ("kind" | "name" | "namespace")[]): Partial<ResourceId> {
  return Object.fromEntries(keys.map((key) => [key, textAt(node, key) ?? ""]));
}

/** Whether one of an object's ids is what the selector names. */
export function namesId({ id: wanted }: ExactSelector, ids: readonly ResourceId[]): boolean {
  const { name = "", namespace = "" } = wanted;
  return ids.some(
    (id) =>
      isOfKind(id, wanted) &&
      (name === "" || name === id.name) &&
      (namespace === "" || effectiveNamespace({ ...id, namespace }) === effectiveNamespace(id)),
  );
}

export function isSelectedExactly(selector: ExactSelector, resource: Resource): boolean {
  return (
    namesId(selector, resource.ids) &&
    hasLabels(resource, selector.labels) &&
    matchesAnnotations(resource, selector.annotations)
  );
}

/** Whether a selector of rejected objects names anything at all. */
export function isEmptySelector({ id }: ExactSelector): boolean {
  return Object.values(id).every((text) => text === "");
}
