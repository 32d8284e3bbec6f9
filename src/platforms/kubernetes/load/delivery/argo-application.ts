/**
 * Argo CD's Applications, and the ApplicationSets that make one for each folder.
 * Source: argo-cd v3.4, `docs/user-guide/{directory,kustomize}.md`, `docs/operator-manual/applicationset/Generators-Git.md`.
 */
import { posix } from "node:path";
import { isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { normalise } from "../../../../repository/files.ts";
import type { KubernetesObject } from "../../objects.ts";
import { asText, type Kustomization, patchEntry } from "../kustomize/kustomization.ts";
import { Pattern } from "../kustomize/pattern.ts";
import { isClusterScoped } from "../kustomize/scope.ts";
import { splitImage } from "../kustomize/transform.ts";
import {
  isNothing,
  itemsOf,
  mapping,
  mapScalars,
  scalar,
  type Text,
  textAt,
  textOf,
  valueAt,
  withValueAt,
} from "../nodes.ts";
import { toObject } from "../objects-in.ts";

const group = "argoproj.io";

export function isApplication(object: KubernetesObject): boolean {
  return object.group === group && object.kind === "Application";
}

export function isApplicationSet(object: KubernetesObject): boolean {
  return object.group === group && object.kind === "ApplicationSet";
}

/** Where an Application finds manifests in a Git repository. */
export interface ApplicationSource {
  readonly node: TreeNode;
  /** Relative to the repository's root; undefined for a path that cannot be told. */
  readonly path: Text | undefined;
  /** Whether the folders below count too. */
  readonly recurse: boolean;
}

/** The sources of an Application that are folders; charts of a registry are none. */
export function folderSources({ node }: KubernetesObject): readonly ApplicationSource[] {
  const spec = valueAt(node, "spec");
  const sources = [valueAt(spec, "source"), ...itemsOf(valueAt(spec, "sources"))];
  return sources.flatMap((source) => {
    const path = valueAt(source, "path");
    if (source === undefined || isNothing(path) || path === undefined) return [];
    const text = asText(path);
    const within = text === undefined ? undefined : normalise(text.text.replace(/^\/+/, ""));
    const recurse = isTrue(valueAt(source, "directory", "recurse"));
    return [
      {
        node: source,
        path: text === undefined || within === undefined ? undefined : { ...text, text: within },
        recurse,
      },
    ];
  });
}

/** The kustomization of a source's path with what the Application lays over it. */
export function amendedByApplication(kustomization: Kustomization, source: TreeNode): Kustomization {
  const own = valueAt(source, "kustomize");
  const mappings = (key: string): readonly MappingNode[] =>
    itemsOf(valueAt(own, key)).filter((item) => item.kind === "mapping");
  const pairs = (key: "commonLabels" | "commonAnnotations"): MappingNode | undefined => {
    const node = valueAt(own, key);
    return node?.kind === "mapping"
      ? { ...node, entries: new Map([...(kustomization[key]?.entries ?? []), ...node.entries]) }
      : kustomization[key];
  };
  return {
    ...kustomization,
    namespace: asText(valueAt(own, "namespace")) ?? kustomization.namespace,
    namePrefix: asText(valueAt(own, "namePrefix")) ?? kustomization.namePrefix,
    nameSuffix: asText(valueAt(own, "nameSuffix")) ?? kustomization.nameSuffix,
    commonLabels: pairs("commonLabels"),
    commonAnnotations: pairs("commonAnnotations"),
    components: [
      ...kustomization.components,
      ...itemsOf(valueAt(own, "components")).flatMap((item) => asText(item) ?? []),
    ],
    patches: [...kustomization.patches, ...mappings("patches").map(patchEntry)],
    images: [...kustomization.images, ...itemsOf(valueAt(own, "images")).flatMap((item) => imageEntry(item) ?? [])],
    replicas: [...kustomization.replicas, ...mappings("replicas")],
  };
}

/** `nginx=registry.example.com/nginx:2` as kustomize writes it. */
function imageEntry(node: TreeNode): MappingNode | undefined {
  const text = textOf(node);
  if (text === undefined) return undefined;
  const equals = text.indexOf("=");
  const { name, tag, digest } = splitImage(text.slice(equals + 1));
  const fields: readonly (readonly [string, string])[] = [
    ["name", equals === -1 ? name : text.slice(0, equals)],
    ["newName", name],
    ["newTag", tag],
    ["digest", digest],
  ];
  return mapping(
    fields.filter(([, value]) => value !== "").map(([key, value]) => [key, scalar(value, node.place)]),
    node.place,
  );
}

/** An object in the Application's namespace, where it states none and its kind has one. */
export function inDestination(object: MappingNode, application: KubernetesObject): MappingNode {
  const namespace = valueAt(application.node, "spec", "destination", "namespace");
  if (namespace === undefined || textOf(namespace) === undefined) return object;
  if (textAt(object, "metadata", "namespace") !== undefined) return object;
  if (isClusterScoped(textAt(object, "apiVersion") ?? "", textAt(object, "kind") ?? "")) return object;
  return withValueAt(object, ["metadata", "namespace"], namespace);
}

/**
 * The Applications that a set makes, one for each folder that its Git generator names, alone or with what another one
 * makes of each; none of other generators.
 */
export function applicationsOf(set: KubernetesObject, folders: Iterable<string>): readonly KubernetesObject[] {
  const directories = generatorsIn(valueAt(set.node, "spec")).flatMap((generator) =>
    itemsOf(valueAt(generator, "git", "directories")),
  );
  const patterns = (excluded: boolean): readonly Pattern[] =>
    directories.flatMap((item) =>
      isTrue(valueAt(item, "exclude")) === excluded ? (folderPattern(textAt(item, "path")) ?? []) : [],
    );
  const wanted = patterns(false);
  const unwanted = patterns(true);
  const template = valueAt(set.node, "spec", "template");
  if (wanted.length === 0 || template?.kind !== "mapping") return [];
  return [...folders].flatMap((folder) => {
    const fits =
      wanted.some((pattern) => pattern.matches(folder)) && !unwanted.some((pattern) => pattern.matches(folder));
    return fits ? (applicationFor(folder, template, set) ?? []) : [];
  });
}

/** Those of a matrix too, in which one more matrix may stand. */
function generatorsIn(node: TreeNode | undefined, depth = 0): readonly TreeNode[] {
  const own = itemsOf(valueAt(node, "generators"));
  return depth > 2 ? own : own.flatMap((each) => [each, ...generatorsIn(valueAt(each, "matrix"), depth + 1)]);
}

/** Why what a set applies is not seen, where no Application of it is. */
export interface UnseenSet {
  readonly kind: "chart" | "elsewhere";
  readonly why: string;
}

/** Undefined where folders that its path may mean are here: they are judged by themselves. */
export function unseenSet(
  set: KubernetesObject,
  folders: ReadonlyMap<string, unknown>,
  locate: (path: string) => string | undefined,
): UnseenSet | undefined {
  const spec = valueAt(set.node, "spec", "template", "spec");
  const sources = [valueAt(spec, "source"), ...itemsOf(valueAt(spec, "sources"))];
  if (sources.some((source) => !isNothing(valueAt(source, "chart")))) return { kind: "chart", why: "" };
  const paths = sources.flatMap((source) => textAt(source, "path") ?? []);
  if (paths.length === 0) {
    const patched = !isNothing(valueAt(set.node, "spec", "templatePatch"));
    return patched ? { kind: "elsewhere", why: "its `templatePatch` is not read" } : undefined;
  }
  const why = paths.flatMap((path) => whyPathUnseen(path, folders, locate) ?? [])[0];
  return why === undefined ? undefined : { kind: "elsewhere", why };
}

function whyPathUnseen(
  path: string,
  folders: ReadonlyMap<string, unknown>,
  locate: (path: string) => string | undefined,
): string | undefined {
  if (!path.includes("{{"))
    return locate(path) === undefined ? `its path \`${path}\` is not in this folder` : undefined;
  const parts = path.split(/\{\{[^}]{0,200}\}\}/);
  if (parts.every((part) => !/\w/.test(part))) return "its generators alone know its path";
  const expression = parts.map((part) => part.replaceAll(/[*?.+^${}()|\\[\]]/g, "\\$&")).join(".+");
  const pattern = Pattern.parse(expression.replace(/^(?:\\\.)?\/+/, ""));
  const fits = pattern === undefined || [...folders.keys()].some((folder) => pattern.matches(folder));
  return fits ? undefined : `no folder here fits its path \`${path}\``;
}

function folderPattern(glob: string | undefined): Pattern | undefined {
  if (glob === undefined) return undefined;
  const expression = glob.replaceAll(/[*?.+^${}()|\\[\]]/g, (character) =>
    character === "*" ? "[^/]*" : character === "?" ? "[^/]" : `\\${character}`,
  );
  return Pattern.parse(expression);
}

function applicationFor(folder: string, template: MappingNode, set: KubernetesObject): KubernetesObject | undefined {
  const { place } = set;
  const metadata = valueAt(template, "metadata") ?? mapping([], place);
  const node = mapping(
    [
      ["apiVersion", scalar(set.apiVersion, place)],
      ["kind", scalar("Application", place)],
      ["metadata", metadata],
      ["spec", valueAt(template, "spec") ?? mapping([], place)],
    ],
    place,
  );
  const filled = mapScalars(node, (each) => {
    if (typeof each.value !== "string" || !each.value.includes("{{")) return each;
    const text = fill(each.value, folder);
    return text.includes("{{") ? { ...each, value: text, unresolved: "Argo CD fills it in" } : { ...each, value: text };
  });
  if (filled.kind !== "mapping") return undefined;
  const isNamed = textAt(filled, "metadata", "name") !== undefined;
  return toObject(
    isNamed ? filled : withValueAt(filled, ["metadata", "name"], scalar(folder.replaceAll("/", "-"), place)),
  );
}

/** Of the parameters of a folder those that are told by it alone. */
function fill(text: string, folder: string): string {
  const parts = folder.split("/");
  return text.replaceAll(
    /\{\{-?\s*\.?([\w.[\]]{1,40}|index \.path\.segments \d{1,3})\s*-?\}\}/g,
    (all, name: string) => {
      const segment = /(?:^path\[|segments )(\d+)/.exec(name);
      if (segment !== null) return parts[Number(segment[1])] ?? all;
      if (name === "path" || name === "path.path") return folder;
      if (name === "path.basename" || name === "path.basenameNormalized") return posix.basename(folder);
      return all;
    },
  );
}
