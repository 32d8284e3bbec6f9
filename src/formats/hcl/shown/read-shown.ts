import { type Source, wholeFile } from "../../../lib/place.ts";
import { parseJson } from "../../json/parse.ts";
import { child, isTrue, type MappingEntry, type MappingNode, type TreeNode } from "../../tree.ts";
import type { TofuConfiguration, TofuProvider, TofuResource } from "../module/configuration.ts";
import { sensitiveTag } from "../value/to-tree.ts";

/** Whether a text is what `tofu show -json` prints. A look at its beginning and one word, not a parse. */
export function isShown(text: string): boolean {
  return /^\s*\{\s*"format_version"\s*:\s*"\d/.test(text.slice(0, 200)) && text.includes('"root_module"');
}

/**
 * What `tofu show -json` and `terraform show -json` print of a plan or a state, format 1.x
 * (opentofu.org/docs/internals/json-format): everything that is made, with the values of every variable and module.
 */
export function readShown(source: Source, text: string): TofuConfiguration {
  const { root, problems } = parseJson(source, text);
  const values = child(root, "planned_values") ?? child(root, "values");
  const unknown = unknownByAddress(child(root, "resource_changes"));
  const resources: TofuResource[] = [];
  gather(child(values, "root_module"), unknown, resources, 0);
  const version = child(root, "format_version");
  const place = wholeFile(source);
  const strange = version?.kind === "scalar" && !String(version.value).startsWith("1.");
  return {
    folder: "",
    resources,
    unseen: [],
    variables: [],
    providers: providersOf(child(child(root, "configuration"), "provider_config")),
    requiredProviders: [],
    backend: undefined,
    encryption: undefined,
    folders: [],
    variableFiles: [],
    given: new Map(),
    incomplete: problems.length > 0 || strange ? "part of the plan could not be read" : undefined,
    unread: undefined,
    problems: strange
      ? [
          {
            severity: "warning",
            message: `This is format ${String(version.value)} of the output; 1.x was expected, and it is read as such.`,
            place,
          },
        ]
      : problems,
    sources: [source],
  };
}

/** Modules within one another; more is no output of the program. */
const deepest = 50;

function gather(
  module: TreeNode | undefined,
  unknown: ReadonlyMap<string, TreeNode>,
  into: TofuResource[],
  depth: number,
): void {
  if (depth > deepest) return;
  for (const node of itemsOf(child(module, "resources"))) {
    const resource = resourceOf(node, unknown);
    if (resource !== undefined) into.push(resource);
  }
  for (const inner of itemsOf(child(module, "child_modules"))) gather(inner, unknown, into, depth + 1);
}

function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

function resourceOf(node: TreeNode, unknown: ReadonlyMap<string, TreeNode>): TofuResource | undefined {
  const address = textOf(child(node, "address"));
  const type = textOf(child(node, "type"));
  const values = child(node, "values");
  if (address === undefined || type === undefined || values?.kind !== "mapping") return undefined;
  const marked = marking(values, child(node, "sensitive_values"), unknown.get(address));
  return {
    mode: textOf(child(node, "mode")) === "data" ? "data" : "managed",
    type,
    name: textOf(child(node, "name")) ?? "",
    address,
    attributes: marked.kind === "mapping" ? marked : values,
    steps: [],
    condition: undefined,
    place: child(node, "address")?.place ?? node.place,
  };
}

/** What of each resource is known only after it is applied. */
function unknownByAddress(changes: TreeNode | undefined): ReadonlyMap<string, TreeNode> {
  const found = new Map<string, TreeNode>();
  for (const change of itemsOf(changes)) {
    const address = textOf(child(change, "address"));
    const after = child(child(change, "change"), "after_unknown");
    if (address !== undefined && after !== undefined) found.set(address, after);
  }
  return found;
}

const laterWhy = "it is known only after it is applied";

/** A value with its marks: what is sensitive, and what is not known yet and therefore left out of the values. */
function marking(node: TreeNode, sensitive: TreeNode | undefined, unknown: TreeNode | undefined): TreeNode {
  if (isTrue(unknown)) return { kind: "scalar", value: null, unresolved: laterWhy, place: node.place };
  if (node.kind === "scalar") return isTrue(sensitive) ? { ...node, tag: sensitiveTag } : node;
  if (node.kind === "sequence") {
    const items = node.items.map((item, at) => marking(item, part(sensitive, at), part(unknown, at)));
    return { ...node, items };
  }
  return markedMapping(node, sensitive, unknown);
}

function markedMapping(node: MappingNode, sensitive: TreeNode | undefined, unknown: TreeNode | undefined): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { ...entry, value: marking(entry.value, part(sensitive, key), part(unknown, key)) });
  }
  if (unknown?.kind !== "mapping") return { ...node, entries };
  for (const [key, { value }] of unknown.entries) {
    if (entries.has(key) || !saysUnknown(value)) continue;
    const hidden: TreeNode = { kind: "scalar", value: null, unresolved: laterWhy, place: node.place };
    entries.set(key, { key, keyPlace: node.place, value: hidden });
  }
  return { ...node, entries };
}

/** The mark of a part; a mark of the whole is one of each part. */
function part(marks: TreeNode | undefined, at: number | string): TreeNode | undefined {
  if (isTrue(marks)) return marks;
  if (typeof at === "string") return child(marks, at);
  return marks?.kind === "sequence" ? marks.items[at] : undefined;
}

function saysUnknown(node: TreeNode): boolean {
  if (node.kind === "scalar") return node.value === true;
  const parts = node.kind === "sequence" ? node.items : [...node.entries.values()].map((entry) => entry.value);
  return parts.some(saysUnknown);
}

/** Providers with the constant values of their arguments. */
function providersOf(config: TreeNode | undefined): readonly TofuProvider[] {
  if (config?.kind !== "mapping") return [];
  return [...config.entries].flatMap(([name, { value }]): TofuProvider[] => {
    const expressions = child(value, "expressions");
    const attributes = expressions === undefined ? undefined : constants(expressions);
    return attributes?.kind === "mapping" ? [{ name, attributes, place: value.place }] : [];
  });
}

/** `{ "constant_value": x }` as x; what refers to others cannot be told. */
function constants(node: TreeNode): TreeNode {
  if (node.kind === "scalar") return node;
  if (node.kind === "sequence") return { ...node, items: node.items.map(constants) };
  const constant = node.entries.get("constant_value");
  if (constant !== undefined) return constant.value;
  if (node.entries.has("references")) {
    return { kind: "scalar", value: null, unresolved: "it refers to other values", place: node.place };
  }
  const entries = [...node.entries].map(([key, entry]) => [key, { ...entry, value: constants(entry.value) }] as const);
  return { ...node, entries: new Map(entries) };
}
