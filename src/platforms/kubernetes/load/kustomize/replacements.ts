/** Values copied from one object to others. Source: kustomize v5.7.1, `api/filters/replacement`. */
import { isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { resolvePlain } from "../../../../formats/yaml/scalars.ts";
import { entriesOf, itemsOf, mapping, scalar, textAt, textOf, valueAt, withEntry, withValue } from "../nodes.ts";
import { asText, type Kustomization } from "./kustomization.ts";
import { describeId, type Resource } from "./resource.ts";
import { isEmptySelector, isSelectedExactly, namesId, parseExactSelector } from "./selector.ts";
import type { TargetFiles } from "./target-files.ts";

export function applyReplacements(
  resources: readonly Resource[],
  kustomization: Kustomization,
  files: TargetFiles,
): void {
  for (const entry of kustomization.replacements) {
    for (const replacement of inFile(entry, files)) applyOne(resources, replacement, files);
  }
}

/** An entry may name a file that holds one or several. */
function inFile(entry: MappingNode, files: TargetFiles): readonly MappingNode[] {
  const path = asText(valueAt(entry, "path"));
  if (path === undefined) return [entry];
  return files
    .documents(path)
    .flatMap((document) => (document.kind === "sequence" ? document.items : [document]))
    .filter((node) => node.kind === "mapping");
}

function applyOne(resources: readonly Resource[], replacement: MappingNode, files: TargetFiles): void {
  const value = sourceValue(resources, replacement, files);
  if (value === undefined) return;
  for (const target of itemsOf(valueAt(replacement, "targets"))) {
    for (const resource of selectedBy(target, resources)) copyTo(resource, value, target, files);
  }
}

function sourceValue(
  resources: readonly Resource[],
  replacement: MappingNode,
  files: TargetFiles,
): TreeNode | undefined {
  const source = valueAt(replacement, "source");
  const place = source?.place ?? replacement.place;
  const written = asText(valueAt(replacement, "sourceValue"));
  if (source === undefined && written !== undefined) return scalar(written.text, written.place);
  const selector = parseExactSelector(source);
  const found = resources.filter(({ ids }) => namesId(selector, ids));
  const [resource] = found;
  if (resource === undefined || found.length > 1) {
    const words = resource === undefined ? "No object is" : "More than one object is";
    files.session.error(`${words} what this replacement takes its value from; kustomize stops here.`, place);
    return undefined;
  }
  const path = textAt(source, "fieldPath") ?? "metadata.name";
  const [value] = lookUp(resource.node, splitPath(path));
  if (value === undefined) {
    files.session.error(`${describeId(resource.id)} has no \`${path}\`, which this replacement copies.`, place);
    return undefined;
  }
  return refined(value, valueAt(source, "options"));
}

/** One part of a text, where the source asks for one. */
function refined(value: TreeNode, options: TreeNode | undefined): TreeNode | undefined {
  const delimiter = textAt(options, "delimiter") ?? "";
  const text = textOf(value);
  if (delimiter === "" || text === undefined) return value;
  const part = text.split(delimiter)[indexOf(options)];
  return part === undefined ? undefined : scalar(part, value.place);
}

function indexOf(options: TreeNode | undefined): number {
  return Number(textAt(options, "index") ?? "0");
}

function selectedBy(target: TreeNode, resources: readonly Resource[]): readonly Resource[] {
  const select = parseExactSelector(valueAt(target, "select"));
  const reject = itemsOf(valueAt(target, "reject")).map((node) => ({ node, selector: parseExactSelector(node) }));
  return resources.filter(
    (resource) =>
      isSelectedExactly(select, resource) && !reject.some(({ node, selector }) => isRejected(node, selector, resource)),
  );
}

function isRejected(node: TreeNode, selector: ReturnType<typeof parseExactSelector>, resource: Resource): boolean {
  if (!isEmptySelector(selector)) return namesId(selector, resource.ids);
  const byLabels = textAt(node, "labelSelector") !== undefined || textAt(node, "annotationSelector") !== undefined;
  return byLabels && isSelectedExactly(selector, resource);
}

function copyTo(resource: Resource, value: TreeNode, target: TreeNode, files: TargetFiles): void {
  const options = valueAt(target, "options");
  const paths = itemsOf(valueAt(target, "fieldPaths"));
  const texts = paths.length === 0 ? [{ text: "metadata.name", place: target.place }] : paths.map(asText);
  for (const path of texts) {
    if (path === undefined) continue;
    const parts = splitPath(path.text);
    const create = isTrue(valueAt(options, "create"));
    let reached = 0;
    const node = changeAlong(resource.node, parts, create, (present) => {
      reached += 1;
      return replaced(present, value, options);
    });
    if (reached === 0) {
      const message = `${describeId(resource.id)} has no \`${path.text}\`, into which this replacement copies; kustomize stops here.`;
      files.session.error(message, path.place);
    } else if (node.kind === "mapping") resource.node = node;
  }
}

function replaced(present: TreeNode | undefined, value: TreeNode, options: TreeNode | undefined): TreeNode {
  const delimiter = textAt(options, "delimiter") ?? "";
  const text = textOf(value);
  if (delimiter !== "" && text !== undefined) {
    const parts = (textOf(present) ?? "").split(delimiter);
    const index = indexOf(options);
    const next = index < 0 ? [text, ...parts] : index >= parts.length ? [...parts, text] : parts.with(index, text);
    return scalar(next.join(delimiter), value.place);
  }
  // A field that is made here has no kind yet: its text is read as a plain one, whatever it was where it comes from.
  if (present === undefined && text !== undefined) return scalar(resolvePlain(text), value.place);
  if (present?.kind !== "scalar" || text === undefined) return value;
  // A scalar keeps its kind: a text that is copied over a number becomes one, and the other way round.
  const isText = typeof present.value === "string";
  return scalar(isText ? text : resolvePlain(text), value.place);
}

/** `a.b.[name=x].c` at its dots; those within brackets and those behind a backslash belong to a key. */
export function splitPath(path: string): readonly string[] {
  const parts: string[] = [""];
  let brackets = 0;
  const characters = [...path];
  for (const [at, character] of characters.entries()) {
    if (character === "." && characters[at - 1] === "\\") {
      parts[parts.length - 1] = `${parts.at(-1)?.slice(0, -1)}.`;
    } else if (character === "." && brackets === 0) parts.push("");
    else {
      if (character === "[") brackets += 1;
      if (character === "]") brackets -= 1;
      parts[parts.length - 1] += character;
    }
  }
  return parts.filter((part) => part !== "").map(unbracketed);
}

/** `[a.b/c]` is a key in brackets, and not a member of a list, when it has no `=`. */
function unbracketed(part: string): string {
  return part.startsWith("[") && part.endsWith("]") && !part.includes("=") ? part.slice(1, -1) : part;
}

export function lookUp(node: TreeNode, path: readonly string[]): readonly TreeNode[] {
  const found: TreeNode[] = [];
  changeAlong(node, path, false, (present) => {
    if (present !== undefined) found.push(present);
    return present ?? node;
  });
  return found;
}

function changeAlong(
  node: TreeNode,
  [first, ...rest]: readonly string[],
  create: boolean,
  change: (present: TreeNode | undefined) => TreeNode,
): TreeNode {
  if (first === undefined) return change(node);
  if (node.kind === "mapping") return changeEntry(node, first, rest, create, change);
  if (node.kind === "scalar") return node;
  const items = node.items.map((item, index) =>
    isMember(item, index, first) ? changeAlong(item, rest, create, change) : item,
  );
  return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
}

function changeEntry(
  node: MappingNode,
  key: string,
  rest: readonly string[],
  create: boolean,
  change: (present: TreeNode | undefined) => TreeNode,
): TreeNode {
  if (key === "*") {
    return entriesOf(node).reduce(
      (all, { key: each }) => asMapping(changeEntry(all, each, rest, create, change), all),
      node,
    );
  }
  const entry = node.entries.get(key);
  if (entry !== undefined) return withEntry(node, { ...entry, value: changeAlong(entry.value, rest, create, change) });
  if (!create) return node;
  const value = rest.length === 0 ? change(undefined) : changeAlong(mapping([], node.place), rest, true, change);
  return withValue(node, key, value);
}

function asMapping(node: TreeNode, otherwise: MappingNode): MappingNode {
  return node.kind === "mapping" ? node : otherwise;
}

/** Whether a part of a path (`*`, `2`, `[name=web]`) means a member of a list. */
function isMember(item: TreeNode, index: number, part: string): boolean {
  if (part === "*") return true;
  const match = /^\[([^=]*)=(.*)\]$/s.exec(part);
  if (match === null) return part === String(index);
  const [, key = "", value = ""] = match;
  return key === "" ? textOf(item) === value : textAt(item, key) === value;
}
