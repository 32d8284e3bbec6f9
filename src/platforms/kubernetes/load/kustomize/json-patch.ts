/**
 * JSON patches (RFC 6902) over trees: `add`, `remove`, `replace`, `move`, `copy`, `test`.
 *
 * Where RFC and kustomize differ, this is kustomize: evanphx/json-patch v4.12 as kustomize v5.7.1 uses it.
 */
import type { MappingNode, TreeNode } from "../../../../formats/tree.ts";
import { entriesOf, textAt, textOf, valueAt } from "../nodes.ts";
import { OwnNodes } from "../own-nodes.ts";

/** What one operation could not do, as a sentence, and the operation. */
export interface PatchFailure {
  readonly message: string;
  readonly at: TreeNode;
}

/** An object with every operation applied, in order; or why one could not be. */
export function applyJsonPatch(object: MappingNode, operations: readonly TreeNode[]): MappingNode | PatchFailure {
  let result: TreeNode = object;
  const own = new OwnNodes();
  for (const operation of operations) {
    const done = applyOne(result, operation, own);
    if (typeof done === "string") return { message: done, at: operation };
    result = done;
  }
  if (result.kind === "mapping") return result;
  return { message: "The patch leaves no object.", at: operations[0] ?? object };
}

/** The tree after one operation, or the sentence that says why it cannot be done. */
function applyOne(tree: TreeNode, operation: TreeNode, own: OwnNodes): TreeNode | string {
  const op = textAt(operation, "op");
  const path = pointer(textAt(operation, "path"));
  if (path === undefined) return "The operation has no `path` that begins with a slash.";
  const value = valueAt(operation, "value");
  switch (op) {
    case "add":
      return value === undefined ? "The operation `add` has no `value`." : change(tree, path, adding(value), own);
    case "replace":
      return value === undefined
        ? "The operation `replace` has no `value`."
        : change(tree, path, replacing(value), own);
    case "remove":
      return change(tree, path, removing, own);
    case "test":
      return tested(tree, path, value);
    case "copy":
    case "move":
      return fromElsewhere(tree, { op, path, from: textAt(operation, "from") }, own);
    default:
      return `The operation ${op === undefined ? "has no `op`" : `\`${op}\` is none of JSON patches`}.`;
  }
}

function fromElsewhere(
  tree: TreeNode,
  { op, path, from }: { readonly op: "copy" | "move"; readonly path: Path; readonly from: string | undefined },
  own: OwnNodes,
): TreeNode | string {
  const source = pointer(from);
  if (source === undefined) return `The operation \`${op}\` has no \`from\` that begins with a slash.`;
  const value = lookUp(tree, source);
  if (value === undefined) return nothingAt(source);
  if (op === "copy") own.forget();
  const left = op === "move" ? change(tree, source, removing, own) : tree;
  return typeof left === "string" ? left : change(left, path, adding(value), own);
}

function tested(tree: TreeNode, path: Path, value: TreeNode | undefined): TreeNode | string {
  const found = lookUp(tree, path);
  const same = JSON.stringify(sorted(found)) === JSON.stringify(sorted(value));
  return same ? tree : `The test of \`${shown(path)}\` fails.`;
}

type Path = readonly string[];

function pointer(text: string | undefined): Path | undefined {
  if (text === undefined || (text !== "" && !text.startsWith("/"))) return undefined;
  return text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function shown(path: Path): string {
  return `/${path.join("/")}`;
}

function nothingAt(path: Path): string {
  return `There is nothing at \`${shown(path)}\`.`;
}

function lookUp(tree: TreeNode, path: Path): TreeNode | undefined {
  let node: TreeNode | undefined = tree;
  for (const part of path) {
    if (node?.kind === "mapping") node = node.entries.get(part)?.value;
    else if (node?.kind === "sequence") node = node.items[indexIn(part, node.items.length) ?? -1];
    else return undefined;
  }
  return node;
}

/** What an operation does to the parent of what it names; a text for why it cannot. */
type Edit = (parent: TreeNode, key: string, path: Path, own: OwnNodes) => TreeNode | string;

function change(tree: TreeNode, path: Path, edit: Edit, own: OwnNodes, at = 0): TreeNode | string {
  const key = path[at];
  if (key === undefined) return "The operation names the whole object.";
  if (at === path.length - 1) return edit(tree, key, path, own);
  if (tree.kind === "mapping") {
    const entry = tree.entries.get(key);
    const below = entry === undefined ? nothingAt(path.slice(0, at + 1)) : change(entry.value, path, edit, own, at + 1);
    if (entry === undefined || typeof below === "string") return below;
    return below === entry.value ? tree : own.withEntry(tree, { ...entry, value: below });
  }
  if (tree.kind !== "sequence") return nothingAt(path.slice(0, at + 1));
  const index = indexIn(key, tree.items.length);
  const item = index === undefined ? undefined : tree.items[index];
  const below = item === undefined ? nothingAt(path.slice(0, at + 1)) : change(item, path, edit, own, at + 1);
  if (index === undefined || typeof below === "string") return below;
  return below === item ? tree : own.spliced(tree, index, 1, below);
}

function adding(value: TreeNode): Edit {
  return (parent, key, path, own) => {
    if (parent.kind === "mapping") return own.withEntry(parent, { key, keyPlace: value.place, value });
    if (parent.kind !== "sequence") return nothingAt(path.slice(0, -1));
    const index = key === "-" ? parent.items.length : indexIn(key, parent.items.length + 1);
    if (index === undefined) return `\`${key}\` is no place in the list at \`${shown(path.slice(0, -1))}\`.`;
    return own.spliced(parent, index, 0, value);
  };
}

function replacing(value: TreeNode): Edit {
  return (parent, key, path, own) => {
    if (parent.kind === "mapping") {
      return parent.entries.has(key) ? own.withEntry(parent, { key, keyPlace: value.place, value }) : nothingAt(path);
    }
    const index = parent.kind === "sequence" ? indexIn(key, parent.items.length) : undefined;
    if (parent.kind !== "sequence" || index === undefined) return nothingAt(path);
    return own.spliced(parent, index, 1, value);
  };
}

const removing: Edit = (parent, key, path, own) => {
  if (parent.kind === "mapping") return parent.entries.has(key) ? own.without(parent, key) : nothingAt(path);
  const index = parent.kind === "sequence" ? indexIn(key, parent.items.length) : undefined;
  if (parent.kind !== "sequence" || index === undefined) return nothingAt(path);
  return own.spliced(parent, index, 1);
};

/** An index below `length`; a negative one counts from the end, as the library lets it. */
function indexIn(text: string, length: number): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  const index = Number(text) < 0 ? length + Number(text) : Number(text);
  return index >= 0 && index < length ? index : undefined;
}

function sorted(node: TreeNode | undefined): unknown {
  if (node === undefined) return null;
  if (node.kind === "scalar") return textOf(node) === undefined ? null : node.value;
  if (node.kind === "sequence") return node.items.map(sorted);
  const entries = entriesOf(node).map(({ key, value }) => [key, sorted(value)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
