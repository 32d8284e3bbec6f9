import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { DocumentChange, PlainValue } from "../../../contracts/fix.ts";
import { belowOf, columnOf, dashOf, endOf, isFlow, type Layout, startOf, startOfEntries } from "./layout.ts";
import { isMapping, nested } from "./plain-value.ts";
import { blockEntries, blockEntry, flowEntry, flowText, type Quoting, scalarText } from "./write-value.ts";

/** One change of a text: what is taken away at an offset, and what stands there instead. */
export interface Splice {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** Why a change cannot be made here, as a clause. */
export interface Refusal {
  readonly why: string;
}

/** Where a change begins: a node, and for an empty one the key that it belongs to. */
export interface Target {
  readonly node: Node | null;
  readonly key: Node | undefined;
}

/** The splice that makes a change at the end of a path; undefined where it is made already. */
export function spliceFor(
  target: Target,
  path: readonly string[],
  change: DocumentChange,
  layout: Layout,
): Splice | Refusal | undefined {
  const { node, key } = target;
  if (isAlias(node)) return { why: `it is an alias (\`*${node.source}\`) of what stands elsewhere` };
  const [next, ...rest] = path;
  if (next !== undefined && isMap(node)) {
    const pairs = node.items.filter((pair) => isScalar(pair.key) && pair.key.value === next) as Pair<
      Node,
      Node | null
    >[];
    const [pair, second] = pairs;
    if (second !== undefined) return { why: `the key \`${next}\` stands twice` };
    if (pair !== undefined) return spliceFor({ node: pair.value, key: pair.key }, rest, change, layout);
    return newEntry(node, next, nested(rest, ownValue(change)), layout);
  }
  if (isEmpty(node))
    return key === undefined ? { why: "nothing stands there" } : filled(key, node, path, change, layout);
  if (next !== undefined) return { why: `\`${next}\` cannot be added to something that is no mapping` };
  return change.kind === "append" ? appended(node, change.value, layout) : replaced(node, change.value);
}

/** What is written where nothing is there yet. */
function ownValue({ kind, value }: DocumentChange): PlainValue {
  return kind === "append" ? [value] : value;
}

function isEmpty(node: Node | null): node is Node | null {
  return node === null || (isScalar(node) && node.value === null);
}

function newEntry(map: YAMLMap, key: string, value: PlainValue, layout: Layout): Splice | Refusal {
  if (isFlow(map)) return intoFlow(map, layout, (quoting) => flowEntry(key, value, quoting));
  const column = columnOf(layout.text, startOfEntries(map));
  return linesBelow(endOf(map), column, blockEntry(key, value, { ...layout, column }), layout);
}

/** Below a key that has nothing yet. */
function filled(
  key: Node,
  node: Node | null,
  path: readonly string[],
  change: DocumentChange,
  layout: Layout,
): Splice | Refusal {
  if (isScalar(node) && (node.source !== "" || node.anchor !== undefined || node.tag !== undefined)) {
    return { why: "it is stated to be empty" };
  }
  const value = nested(path, ownValue(change));
  const column = columnOf(layout.text, startOf(key));
  const end = node?.range?.[1] ?? endOf(key);
  if (isMapping(value)) {
    const lines = blockEntries(value as { readonly [key: string]: PlainValue }, {
      ...layout,
      column: column + layout.step,
    });
    return linesBelow(end, column + 1, lines, layout);
  }
  if (Array.isArray(value)) {
    const lines = value.map((item) => `${" ".repeat(column + layout.dashes)}- ${flowText(item, "plain")}`);
    return linesBelow(end, column + 1, lines, layout);
  }
  return { at: end, removed: 0, inserted: ` ${flowText(value, "plain")}` };
}

function appended(list: Node | null, value: PlainValue, layout: Layout): Splice | Refusal | undefined {
  if (!isSeq(list)) return { why: "a list is expected there" };
  if (list.items.some((item) => isScalar(item) && item.value === value)) return undefined;
  if (isFlow(list)) return intoFlow(list, layout, (quoting) => flowText(value, quoting));
  const column = columnOf(layout.text, dashOf(list));
  const lines = [`${" ".repeat(column)}- ${flowText(value, quotingOf(list))}`];
  return linesBelow(endOf(list), column, lines, layout);
}

function replaced(node: Node | null, value: PlainValue): Splice | Refusal | undefined {
  if (!isScalar(node) || isMapping(value) || Array.isArray(value)) return { why: "a single value is expected there" };
  if (node.value === value) return undefined;
  if (node.source?.includes("$")) return { why: "it is made of a variable" };
  if (node.anchor !== undefined) return { why: `it has an anchor (\`&${node.anchor}\`)` };
  if (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return { why: "it is a text of several lines" };
  const [start = 0, end = 0] = node.range ?? [];
  const inserted = scalarText(value as string | number | boolean, quotingOfScalar(node.type));
  return { at: start, removed: end - start, inserted };
}

function linesBelow(end: number, column: number, lines: readonly string[], { text, eol }: Layout): Splice {
  const at = belowOf(text, end, column);
  const all = lines.join(eol);
  const unended = at === text.length && at > 0 && text[at - 1] !== "\n";
  return { at, removed: 0, inserted: unended ? eol + all : all + eol };
}

/** Before the closing brace or bracket, on a line of its own where the others stand so. */
function intoFlow(node: YAMLMap | YAMLSeq, layout: Layout, write: (quoting: Quoting) => string): Splice {
  const { text, eol } = layout;
  const [start = 0, end = 0] = node.range ?? [];
  const item = write(quotingOf(node));
  const last = node.items.at(-1);
  if (last === undefined) {
    const [open, close] = isMap(node) ? ["{ ", " }"] : ["[", "]"];
    return { at: start, removed: end - start, inserted: `${open}${item}${close}` };
  }
  const after = endOfItem(last);
  const rest = text.slice(after, end - 1);
  const comma = rest.replace(/#[^\n]*/g, (comment) => " ".repeat(comment.length)).indexOf(",");
  const first = startOfItem(node.items[0]);
  const apart = text.slice(start, first).includes("\n");
  if (!apart) {
    const at = comma === -1 ? after : after + comma + 1;
    return { at, removed: 0, inserted: comma === -1 ? `, ${item}` : ` ${item}` };
  }
  // What stands after the last item on its line (a comma, a comment) stays there.
  const lineEnd = after + (/^[^\r\n]*/.exec(rest)?.[0].length ?? 0);
  const tail = text.slice(after, lineEnd);
  const line = `${eol}${" ".repeat(columnOf(text, first))}${item}`;
  return comma === -1
    ? { at: after, removed: tail.length, inserted: `,${tail}${line}` }
    : { at: after, removed: tail.length, inserted: `${tail}${line},` };
}

function startOfItem(item: unknown): number {
  const pair = item as Pair<Node, Node | null> | Node;
  return "key" in pair ? startOf(pair.key) : startOf(pair);
}

function endOfItem(item: unknown): number {
  const pair = item as Pair<Node, Node | null> | Node;
  if (!("key" in pair)) return endOf(pair);
  return pair.value === null ? endOf(pair.key) : endOf(pair.value);
}

/** The quotes that all its keys, or all its texts, stand in. */
function quotingOf(node: YAMLMap | YAMLSeq): Quoting {
  const scalars = node.items.map((item) => (isMap(node) ? (item as Pair).key : item)).filter((item) => isScalar(item));
  const kinds = new Set(scalars.map((scalar) => quotingOfScalar(scalar.type)));
  return kinds.size === 1 ? ([...kinds][0] ?? "plain") : "plain";
}

function quotingOfScalar(type: string | undefined): Quoting {
  if (type === "QUOTE_DOUBLE") return "double";
  return type === "QUOTE_SINGLE" ? "single" : "plain";
}
