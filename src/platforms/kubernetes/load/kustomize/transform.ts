/**
 * What a kustomization changes in its objects by fields of its own: namespace, names, labels, annotations, images,
 * replicas. Source: kustomize v5.7.1, `api/internal/builtins` and `api/filters`.
 */
import { isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { mapping, scalar, type Text, textAt, textOf, valueAt, withItems, withValue, withValueAt } from "../nodes.ts";
import {
  changeAt,
  changeFields,
  commonAnnotations,
  commonLabels,
  type FieldSpec,
  fieldSpec,
  images,
  metadataLabels,
  namespaces,
  replicas,
  templateLabels,
} from "./field-specs.ts";
import type { Kustomization } from "./kustomization.ts";
import { Pattern } from "./pattern.ts";
import { isClusterWide, isOfKind, type Resource } from "./resource.ts";

/** Fields that configuration files of a kustomization add to kustomize's own. */
export interface MoreFields {
  readonly namespaces: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
}

export function setNamespace(resources: readonly Resource[], { text, place }: Text, more: MoreFields): void {
  const value = scalar(text, place);
  for (const resource of resources) {
    resource.remember();
    if (!isClusterWide(resource.id)) {
      resource.node = withValueAt(resource.node, ["metadata", "namespace"], value);
    }
    if (/^(?:Cluster)?RoleBinding$/.test(resource.id.kind)) moveDefaultAccount(resource, value);
    changeFields(resource, [...namespaces, ...more.namespaces], () => value, place);
  }
}

/** The account `default` is the one of the binding's own namespace; others follow the accounts that are renamed. */
function moveDefaultAccount(resource: Resource, namespace: TreeNode): void {
  const node = changeAt(resource.node, ["subjects"], undefined, (subjects) =>
    subjects?.kind !== "sequence"
      ? subjects
      : {
          ...subjects,
          items: subjects.items.map((subject) =>
            subject.kind === "mapping" && textAt(subject, "name") === "default"
              ? withValue(subject, "namespace", namespace)
              : subject,
          ),
        },
  );
  if (node.kind === "mapping") resource.node = node;
}

/** Kinds whose names are no choice of the author's. */
const unnamed = [
  { kind: "CustomResourceDefinition" },
  { group: "apiregistration.k8s.io", kind: "APIService" },
  { kind: "Namespace" },
];

export function addPrefix(resources: readonly Resource[], prefix: string): void {
  for (const resource of renamed(resources, prefix)) {
    resource.prefixes.push(prefix);
    resource.remember();
    resource.rename(prefix + resource.id.name);
  }
}

export function addSuffix(resources: readonly Resource[], suffix: string): void {
  for (const resource of renamed(resources, suffix)) {
    resource.suffixes.push(suffix);
    resource.remember();
    resource.rename(resource.id.name + suffix);
  }
}

function renamed(resources: readonly Resource[], part: string): readonly Resource[] {
  if (part === "") return [];
  return resources.filter(({ original }) => !unnamed.some((kind) => isOfKind(original, kind)));
}

export function addLabels(resources: readonly Resource[], kustomization: Kustomization, more: MoreFields): void {
  for (const { pairs, selectors, templates, fields } of kustomization.labels) {
    const specs = selectors
      ? [...commonLabels, ...more.commonLabels]
      : templates
        ? [...templateLabels, ...more.templateLabels]
        : metadataLabels;
    const own = fields.map((field) => readFieldSpec(field)).filter((spec) => spec !== undefined);
    addPairs(resources, pairs, [...own, ...specs]);
  }
  addPairs(resources, kustomization.commonLabels, [...commonLabels, ...more.commonLabels]);
}

export function addAnnotations(resources: readonly Resource[], kustomization: Kustomization, more: MoreFields): void {
  addPairs(resources, kustomization.commonAnnotations, [...commonAnnotations, ...more.commonAnnotations]);
}

/** A field of a file: `path`, `create`, and which kind it is for. */
export function readFieldSpec(node: TreeNode): FieldSpec | undefined {
  const path = textAt(node, "path");
  if (path === undefined) return undefined;
  const of = {
    group: textAt(node, "group") ?? "",
    version: textAt(node, "version") ?? "",
    kind: textAt(node, "kind") ?? "",
  };
  return fieldSpec(path, of, isTrue(valueAt(node, "create")));
}

function addPairs(resources: readonly Resource[], pairs: MappingNode | undefined, specs: readonly FieldSpec[]): void {
  if (pairs === undefined || pairs.entries.size === 0) return;
  const added = [...pairs.entries.values()].map(({ key, value }) => [key, asString(value)] as const);
  const merge = (present: TreeNode | undefined): TreeNode | undefined => {
    if (present !== undefined && present.kind !== "mapping") return present;
    return added.reduce((all, [key, value]) => withValue(all, key, value), present ?? mapping([], pairs.place));
  };
  for (const resource of resources) changeFields(resource, specs, merge, pairs.place);
}

/** Labels are texts, whatever they look like. */
function asString(node: TreeNode): TreeNode {
  if (node.kind !== "scalar" || typeof node.value === "string") return node;
  return scalar(node.value === null ? "" : String(node.value), node.place);
}

export function setImages(resources: readonly Resource[], entries: readonly MappingNode[], more: MoreFields): void {
  const specs = [...images, ...more.images];
  const changes = entries.flatMap((entry) => imageChange(entry) ?? []);
  // A field that is made where it is absent is made by every entry.
  const makes = specs.some(({ create }) => create);
  for (const resource of resources) {
    if (resource.id.kind === "CustomResourceDefinition") continue;
    let texts: readonly string[] | undefined;
    for (const change of changes) {
      texts ??= imagesOf(resource, specs);
      if (!makes && !texts.some((text) => change.matches(text))) continue;
      changeImages(resource, specs, change.apply, change.place);
      texts = undefined;
    }
  }
}

function changeImages(
  resource: Resource,
  specs: readonly FieldSpec[],
  change: (value: TreeNode) => TreeNode,
  place: Place,
): void {
  const node = changeContainers(resource.node, change);
  if (node.kind === "mapping") resource.node = node;
  changeFields(resource, specs, (value) => (value === undefined ? value : change(value)), place);
}

/** The images of an object, gathered once and not for each entry that may be about another. */
function imagesOf(resource: Resource, specs: readonly FieldSpec[]): readonly string[] {
  const found = new Set<string>();
  const note = (value: TreeNode): TreeNode => {
    const text = textOf(value);
    if (text !== undefined) found.add(text);
    return value;
  };
  changeContainers(resource.node, note);
  for (const { path } of specs) changeAt(resource.node, path, undefined, (value) => value && note(value));
  return [...found];
}

interface ImageChange {
  readonly matches: (text: string) => boolean;
  readonly apply: (value: TreeNode) => TreeNode;
  readonly place: Place;
}

/** The change to one image field. Undefined for an entry that names none. */
function imageChange(entry: MappingNode): ImageChange | undefined {
  const name = textAt(entry, "name") ?? "";
  const pattern = name === "" ? undefined : imagePattern(name);
  if (pattern === undefined) return undefined;
  const changed = ["digest", "newTag", "newName"].map((key) => valueAt(entry, key)).find((node) => node !== undefined);
  const place = changed?.place ?? entry.place;
  const apply = (value: TreeNode): TreeNode => {
    const text = textOf(value);
    if (text === undefined || !pattern.matches(text)) return value;
    const next = newImage(text, entry);
    return next === text ? value : scalar(next, place);
  };
  return { matches: (text) => pattern.matches(text), apply, place: entry.place };
}

const tagAndDigest = "(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?";
const tagged = new RegExp(`^${tagAndDigest}$`);

/** The images of a name, which is an expression to kustomize; undefined for one that cannot be read. */
function imagePattern(name: string): { matches(text: string): boolean } | undefined {
  if (!/^[\w./:-]+$/.test(name)) return Pattern.parse(`(?:${name})${tagAndDigest}`);
  return { matches: (text) => beginsWith(text, name) && tagged.test(text.slice(name.length)) };
}

/** Whether a text begins with a plain name, in which only the dot is not itself: it is any character of a line. */
function beginsWith(text: string, name: string): boolean {
  if (text.length < name.length) return false;
  for (let at = 0; at < name.length; at++) {
    if (name[at] === "." ? /[\n\ud800-\udfff]/.test(text[at] ?? "") : name[at] !== text[at]) return false;
  }
  return true;
}

function newImage(image: string, entry: MappingNode): string {
  const parts = splitImage(image);
  const name = textAt(entry, "newName") ?? "";
  const tag = textAt(entry, "newTag") ?? "";
  const digest = textAt(entry, "digest") ?? "";
  const suffix = textAt(entry, "tagSuffix") ?? "";
  if (tag !== "" || digest !== "") return joinImage(name === "" ? parts.name : name, tag, digest);
  const kept = suffix === "" ? parts : { tag: parts.tag + suffix, digest: "" };
  return joinImage(name === "" ? parts.name : name, kept.tag, kept.digest);
}

function joinImage(name: string, tag: string, digest: string): string {
  return `${name}${tag === "" ? "" : `:${tag}`}${digest === "" ? "" : `@${digest}`}`;
}

/** A colon before the last slash belongs to the registry's port. */
export function splitImage(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const at = image.indexOf("@");
  const digest = at === -1 ? "" : image.slice(at + 1);
  const rest = at === -1 ? image : image.slice(0, at);
  const colon = rest.lastIndexOf(":");
  if (colon <= rest.lastIndexOf("/")) return { name: rest, tag: "", digest };
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest };
}

/** Every `image` of a member of a list called `containers` or `initContainers`, at whatever depth. */
function changeContainers(node: TreeNode, change: (value: TreeNode) => TreeNode): TreeNode {
  if (node.kind === "scalar") return node;
  if (node.kind === "sequence") return withItems(node, (item) => changeContainers(item, change));
  let result = node;
  for (const { key, value } of node.entries.values()) {
    if (value.kind === "scalar") continue;
    const inner = changeContainers(value, change);
    const isList = (key === "containers" || key === "initContainers") && inner.kind === "sequence";
    const changed = isList
      ? changeAt(inner, ["image"], undefined, (image) => (image === undefined ? image : change(image)))
      : inner;
    if (changed !== value) result = withValue(result, key, changed);
  }
  return result;
}

/** Sets the counts; gives back the entries whose name no object has. */
export function setReplicas(
  resources: readonly Resource[],
  entries: readonly MappingNode[],
  more: MoreFields,
): readonly MappingNode[] {
  const specs = [...replicas, ...more.replicas];
  return entries.filter((entry) => {
    const name = textAt(entry, "name");
    const count = valueAt(entry, "count");
    const targets = resources.filter(
      ({ ids, id }) => ids.some((each) => each.name === name) && specs.some((spec) => isOfKind(id, spec)),
    );
    if (count !== undefined) for (const target of targets) changeFields(target, specs, () => count, count.place);
    return targets.length === 0;
  });
}

/** The objects without those that are said to be for tools alone. */
export function withoutLocal(resources: readonly Resource[]): readonly Resource[] {
  return resources.filter(({ node }) => {
    const local = textAt(node, "metadata", "annotations", "config.kubernetes.io/local-config");
    return local === undefined || local === "false";
  });
}
