/**
 * The ConfigMaps and Secrets that a kustomization makes of files, `KEY=value` lines and literals.
 * Source: kustomize v5.7.1, `api/internal/generators` and `api/kv`.
 */
import { posix } from "node:path";
import { isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { type Place, placeAt, wholeFile } from "../../../../lib/place.ts";
import type { TextFile } from "../../../../repository/files.ts";
import {
  entriesOf,
  isNothing,
  itemsOf,
  mapping,
  scalar,
  type Text,
  textAt,
  textOf,
  valueAt,
  withValue,
} from "../nodes.ts";
import { encryptedReason, isEncryptedText } from "../sealed.ts";
import { asText, type Kustomization } from "./kustomization.ts";
import { type Behavior, Resource } from "./resource.ts";
import type { TargetFiles } from "./target-files.ts";

export type GeneratedKind = "ConfigMap" | "Secret";

/** One pair of generated data. */
interface Pair {
  readonly key: string;
  readonly value: string;
  readonly place: Place;
  /** Why the value is not the last word. */
  readonly unresolved?: string;
}

interface Pairs {
  readonly pairs: readonly Pair[];
  /** Why there may be more of them; undefined where these are all. */
  readonly incomplete: string | undefined;
}

/** The objects of one generator's entries, in order. What is wrong with one is reported, and what it has is kept. */
export function generate(kind: GeneratedKind, kustomization: Kustomization, files: TargetFiles): readonly Resource[] {
  const entries = kind === "ConfigMap" ? kustomization.configMapGenerator : kustomization.secretGenerator;
  return entries.flatMap((entry) => generateOne(kind, entry, kustomization.generatorOptions, files) ?? []);
}

function generateOne(
  kind: GeneratedKind,
  entry: MappingNode,
  shared: MappingNode | undefined,
  files: TargetFiles,
): Resource | undefined {
  const name = asText(valueAt(entry, "name"));
  if (name === undefined) {
    files.session.error(`A generator of a ${kind} has no \`name\`.`, entry.place, "Give it one.");
    return undefined;
  }
  const options = optionsOf(valueAt(entry, "options"), shared);
  const { pairs, incomplete } = pairsOf(entry, files, kind === "Secret");
  const made = generated(kind, entry, name, options, { pairs, incomplete });
  const resource = new Resource(made, behaviorOf(entry));
  resource.needsHash =
    !options.noHash &&
    incomplete === undefined &&
    pairs.every(({ unresolved }) => unresolved === undefined || unresolved === encryptedReason);
  return resource;
}

function behaviorOf(entry: MappingNode): Behavior {
  const text = textAt(entry, "behavior");
  return text === "merge" || text === "replace" ? text : "create";
}

interface Options {
  readonly labels: ReadonlyMap<string, TreeNode>;
  readonly annotations: ReadonlyMap<string, TreeNode>;
  readonly noHash: boolean;
  readonly immutable: boolean;
}

/** What the generator says, and what all of them share; of labels and annotations the generator's own count. */
function optionsOf(own: TreeNode | undefined, shared: TreeNode | undefined): Options {
  const both = (key: string): ReadonlyMap<string, TreeNode> =>
    new Map([shared, own].flatMap((node) => entriesOf(valueAt(node, key)).map((entry) => [entry.key, entry.value])));
  const either = (key: string): boolean => isTrue(valueAt(own, key)) || isTrue(valueAt(shared, key));
  return {
    labels: both("labels"),
    annotations: both("annotations"),
    noHash: either("disableNameSuffixHash"),
    immutable: either("immutable"),
  };
}

function generated(
  kind: GeneratedKind,
  entry: MappingNode,
  name: Text,
  options: Options,
  { pairs, incomplete }: Pairs,
): MappingNode {
  const { place } = entry;
  const metadata: [string, TreeNode][] = [["name", scalar(name.text, name.place)]];
  const namespace = asText(valueAt(entry, "namespace"));
  if (namespace !== undefined) metadata.push(["namespace", scalar(namespace.text, namespace.place)]);
  if (options.labels.size > 0) metadata.push(["labels", mapping(options.labels, place)]);
  if (options.annotations.size > 0) metadata.push(["annotations", mapping(options.annotations, place)]);
  const object: [string, TreeNode][] = [
    ["apiVersion", scalar("v1", place)],
    ["kind", scalar(kind, place)],
    ["metadata", mapping(metadata, place)],
  ];
  if (kind === "Secret") object.push(["type", scalar(textAt(entry, "type") ?? "Opaque", place)]);
  if (incomplete !== undefined) object.push(["data", { ...dataOf(kind, pairs, place), incomplete }]);
  else if (pairs.length > 0) object.push(["data", dataOf(kind, pairs, place)]);
  if (options.immutable) object.push(["immutable", scalar(true, place)]);
  return mapping(object, place);
}

function dataOf(kind: GeneratedKind, pairs: readonly Pair[], place: Place): MappingNode {
  return mapping(
    pairs.map(({ key, value, place: at, unresolved }) => {
      const text = kind === "Secret" ? base64(value) : value;
      return [key, { ...scalar(text, at), ...(unresolved === undefined ? {} : { unresolved }) }];
    }),
    place,
  );
}

/** Base64 in lines of 70 characters, as kustomize writes what is longer than one. */
function base64(text: string): string {
  const encoded = Buffer.from(text, "utf8").toString("base64");
  if (encoded.length < 70) return encoded;
  return encoded.replaceAll(/.{1,70}/g, "$&\n");
}

function pairsOf(entry: MappingNode, files: TargetFiles, forSecret: boolean): Pairs {
  const envs = [...itemsOf(valueAt(entry, "envs")), valueAt(entry, "env")];
  let incomplete: string | undefined;
  const pairs = [
    ...envs.flatMap((node) => {
      const path = isNothing(node) ? undefined : asText(node);
      const file = path === undefined ? undefined : files.open(path, forSecret);
      if (path !== undefined && file === undefined) incomplete ??= `${path.text} cannot be read`;
      return file === undefined ? [] : fromEnvironmentFile(file);
    }),
    ...itemsOf(valueAt(entry, "literals")).flatMap((node) => fromLiteral(asText(node), files)),
    ...itemsOf(valueAt(entry, "files")).flatMap((node) => fromFile(asText(node), files, forSecret)),
  ];
  const seen = new Set<string>();
  const single = pairs.filter(({ key, place }) => {
    if (!seen.has(key)) return seen.add(key) !== undefined;
    files.session.error(`The key \`${key}\` stands twice in what is generated; kustomize refuses that.`, place);
    return false;
  });
  return { pairs: single, incomplete };
}

function fromEnvironmentFile(file: TextFile): readonly Pair[] {
  const pairs: Pair[] = [];
  let offset = 0;
  for (const line of file.text.split("\n")) {
    const text = line.replace(/\r$/, "").trimStart();
    const place = placeAt(file.source, offset + line.length - line.trimStart().length);
    offset += line.length + 1;
    if (text === "" || text.startsWith("#")) continue;
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    pairs.push(pair(key, equals === -1 ? "" : text.slice(equals + 1), place));
  }
  return pairs;
}

function fromLiteral(literal: Text | undefined, files: TargetFiles): readonly Pair[] {
  if (literal === undefined) return [];
  const { text, place } = literal;
  const equals = text.indexOf("=");
  if (equals < 1) {
    files.session.error("A literal of a generator is `KEY=value`; this one has no key or no `=`.", place);
    return [];
  }
  return [pair(text.slice(0, equals), withoutQuotes(text.slice(equals + 1)), place)];
}

/** Quotes go when they stand at both ends. */
function withoutQuotes(text: string): string {
  const [first] = text;
  if ((first !== '"' && first !== "'") || text.at(-1) !== first) return text;
  return text.slice(1, -1);
}

function fromFile(source: Text | undefined, files: TargetFiles, forSecret: boolean): readonly Pair[] {
  if (source === undefined) return [];
  const equals = source.text.indexOf("=");
  const path = { text: source.text.slice(equals + 1), place: source.place };
  const key = equals === -1 ? posix.basename(path.text) : source.text.slice(0, equals);
  const file = files.open(path, forSecret);
  if (file !== undefined) return [pair(key, file.text, wholeFile(file.source))];
  return [{ key, value: "", place: source.place, unresolved: `${path.text} cannot be read` }];
}

function pair(key: string, value: string, place: Place): Pair {
  return isEncryptedText(value) ? { key, value, place, unresolved: encryptedReason } : { key, value, place };
}

/** What a generator makes laid over an object that is there already, as its behavior says. */
export function absorbed(old: Resource, made: Resource): Resource {
  const oldMetadata = valueAt(old.node, "metadata");
  let metadata = valueAt(made.node, "metadata");
  for (const key of ["labels", "annotations"]) {
    metadata = withOver(metadata, key, valueAt(oldMetadata, key), valueAt(metadata, key));
  }
  for (const key of ["name", "namespace"]) {
    const value = valueAt(oldMetadata, key);
    if (metadata?.kind === "mapping" && textOf(value) !== undefined && value !== undefined)
      metadata = withValue(metadata, key, value);
  }
  let node: TreeNode | undefined = metadata === undefined ? made.node : withValue(made.node, "metadata", metadata);
  if (made.behavior === "merge") {
    for (const key of ["data", "binaryData"])
      node = withOver(node, key, valueAt(old.node, key), valueAt(made.node, key));
  }
  const result = new Resource(node?.kind === "mapping" ? node : made.node, old.behavior);
  result.previous.push(...old.previous);
  result.prefixes.push(...old.prefixes);
  result.suffixes.push(...old.suffixes);
  result.needsHash = made.needsHash && old.needsHash;
  return result;
}

/** A node whose mapping under a key is the one laid over the other. */
function withOver(
  node: TreeNode | undefined,
  key: string,
  under: TreeNode | undefined,
  over: TreeNode | undefined,
): TreeNode | undefined {
  if (node?.kind !== "mapping" || under?.kind !== "mapping") return node;
  const entries = new Map([...under.entries, ...(over?.kind === "mapping" ? over.entries : [])]);
  return withValue(node, key, { ...under, entries });
}
