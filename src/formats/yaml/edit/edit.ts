/**
 * Changes one value of a YAML text and nothing else: comments, layout, quotes, anchors and line ends stay as they are.
 *
 * A change is made to the text, not written anew from the data. The text is then read again, and the change is given only
 * when the data are what they were with that one change: what anchors, merge keys or a strange layout would make of it
 * is found out here, and not on the user's machine.
 */
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isNode, isScalar, type Node, parseAllDocuments, visit } from "yaml";
import type { DocumentChange } from "../../../contracts/fix.ts";
import { Source } from "../../../lib/place.ts";
import { type TreeNode, toPlain } from "../../tree.ts";
import { parseYaml } from "../parse.ts";
import { layoutOf, startOf, startOfEntries } from "./layout.ts";
import { changed } from "./plain-value.ts";
import { type Refusal, type Splice, spliceFor, type Target } from "./splice.ts";

export interface YamlEdit {
  /**
   * In UTF-16 units: where a key stands whose value is changed (`entry`), where a node itself begins (`node`), or where a
   * single value begins whose mapping is changed (`around`).
   */
  readonly offset: number;
  readonly of: "entry" | "node" | "around";
  /** Keys from there on; mappings that are not there are made. */
  readonly path: readonly string[];
  /** Another path that is taken instead where all of it but its last key is there already. */
  readonly preferred?: readonly string[] | undefined;
  readonly change: DocumentChange;
  /** What the node becomes where it is a single value. */
  readonly ifScalar?: string | undefined;
}

/** The text with the change, and the splice that made it; none where the text said so already. */
export interface EditedYaml {
  readonly text: string;
  readonly splice: Splice | undefined;
}

const goneAway = "what is meant is not found in the file any more";

/** Makes one change, or says in a clause why it cannot be made without changing something else. Never throws. */
export function editYaml(text: string, wish: YamlEdit): EditedYaml | Refusal {
  const before = dataOf(text);
  if ("why" in before) return before;
  const paths = before.trees.flatMap((tree, index) => pathsTo(tree, wish).map((path) => [index, ...path]));
  const [path, second] = paths;
  if (path === undefined) return { why: goneAway };
  if (second !== undefined) return { why: "what stands there is used in several places by an anchor" };
  const edit = asWished(wish, before.data, path);
  const wanted = changed(before.data, [...path, ...edit.path], edit.change);
  if (wanted === undefined) return { why: "something of another kind stands there" };
  const found = find(text, edit);
  if (found === undefined) return { why: goneAway };
  const splice = spliceFor(found.target, edit.path, edit.change, layoutOf(text, found.document));
  if (splice === undefined) return { text, splice: undefined };
  if ("why" in splice) return splice;
  const edited = text.slice(0, splice.at) + splice.inserted + text.slice(splice.at + splice.removed);
  const after = dataOf(edited);
  if ("why" in after || !isDeepStrictEqual(after.data, wanted.data)) return { why: whyElse(found, edit.path) };
  return { text: edited, splice };
}

/** Whether the mapping that is meant has a key of its own. */
export function yamlHasKey(text: string, at: Pick<YamlEdit, "offset" | "of">, key: string): boolean {
  const node = find(text, at)?.target.node;
  return isMap(node) && node.has(key);
}

/** The change that fits what stands there: the whole value where it is a single one, and the path that is preferred. */
function asWished(edit: YamlEdit, data: unknown, path: readonly (string | number)[]): YamlEdit {
  const there = valueAt(data, path);
  if (edit.ifScalar !== undefined && !isObject(there)) {
    return { ...edit, path: [], change: { kind: "set", value: edit.ifScalar } };
  }
  const { preferred } = edit;
  return preferred !== undefined && isObject(valueAt(there, preferred.slice(0, -1)))
    ? { ...edit, path: preferred }
    : edit;
}

function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? Reflect.get(inner, key) : undefined), data);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function dataOf(text: string): { readonly trees: readonly TreeNode[]; readonly data: readonly unknown[] } | Refusal {
  const { documents, problems } = parseYaml(new Source("", text), text);
  if (problems.some(({ template }) => template === true))
    return { why: "it is a template, which a program fills in first" };
  if (problems.length > 0) return { why: "there is a mistake in its YAML" };
  return { trees: documents, data: documents.map(toPlain) };
}

/** Every way to what is meant; several where anchors lead there. */
function pathsTo(node: TreeNode, edit: YamlEdit): (string | number)[][] {
  const here = edit.of === "node" && isAt(node.place, edit.offset) ? [[]] : [];
  if (node.kind === "scalar") return here;
  if (node.kind === "sequence") {
    return [...here, ...node.items.flatMap((item, index) => pathsTo(item, edit).map((path) => [index, ...path]))];
  }
  const values = [...node.entries.values()];
  const around =
    edit.of === "around" && values.some((each) => each.value.kind === "scalar" && isAt(each.value.place, edit.offset));
  if (around) return [[]];
  const below = values.flatMap(({ key, keyPlace, value }) => {
    const own = edit.of === "entry" && isAt(keyPlace, edit.offset) ? [[key]] : [];
    return [...own, ...pathsTo(value, edit).map((path) => [key, ...path])];
  });
  return [...here, ...below];
}

function isAt(place: TreeNode["place"], offset: number): boolean {
  return place.kind === "file" && place.offset === offset;
}

/** What is meant in the text's own syntax: the node, and those around it from the outermost on. */
interface Found {
  readonly document: Document.Parsed;
  readonly target: Target;
  readonly around: readonly Node[];
}

function find(text: string, edit: Pick<YamlEdit, "offset" | "of">): Found | undefined {
  const documents = parseAllDocuments(text, { keepSourceTokens: true, uniqueKeys: false, logLevel: "silent" });
  for (const document of documents as readonly Document.Parsed[]) {
    const found = findIn(document, edit);
    if (found !== undefined) return { document, ...found };
  }
  return undefined;
}

function findIn(
  document: Document.Parsed,
  { offset, of }: Pick<YamlEdit, "offset" | "of">,
): Omit<Found, "document"> | undefined {
  let found: Omit<Found, "document"> | undefined;
  visit(document, {
    Pair(_, { key, value }, path) {
      const map = path.at(-1);
      if (of === "around" && isScalar(value) && startOf(value) === offset && isMap(map)) {
        found = { target: { node: map, key: undefined }, around: path.filter((each) => isNode(each)) };
        return visit.BREAK;
      }
      if (of !== "entry" || !isScalar(key) || startOf(key) !== offset) return undefined;
      found = { target: { node: isNode(value) ? value : null, key }, around: path.filter((each) => isNode(each)) };
      return visit.BREAK;
    },
    Node(key, node, path) {
      if (of !== "node" || key === "key" || !beginsAt(node, offset)) return undefined;
      found = { target: { node, key: undefined }, around: path.filter((each) => isNode(each)) };
      return visit.BREAK;
    },
  });
  return found;
}

function beginsAt(node: Node, offset: number): boolean {
  return startOf(node) === offset || (isMap(node) && node.items.length > 0 && startOfEntries(node) === offset);
}

/** Why a change would have changed something else, or would not have had the effect. */
function whyElse({ document, target, around }: Found, path: readonly string[]): string {
  const touched = [...around, ...nodesAlong(target.node, path)];
  const aliased = new Set<string>();
  visit(document, { Alias: (_, { source }) => void aliased.add(source) });
  const shared = touched
    .map((node) => ("anchor" in node ? node.anchor : undefined))
    .find((name) => aliased.has(name ?? ""));
  if (shared !== undefined) return `the anchor \`&${shared}\` is used elsewhere too, which would change with it`;
  const merged = touched.some((node) => isMap(node) && node.has("<<"));
  return merged
    ? "a part of it comes from elsewhere by `<<`, and would be lost"
    : "it cannot be changed there without changing something else";
}

/** A node, and those that lie on a path from it. */
function nodesAlong(node: Node | null, path: readonly string[]): readonly Node[] {
  if (node === null) return [];
  const [key, ...rest] = path;
  const next = key !== undefined && isMap(node) ? node.get(key, true) : undefined;
  return [node, ...(isNode(next) ? nodesAlong(next, rest) : [])];
}
