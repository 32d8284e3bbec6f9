import { type Document, isMap, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from "yaml";

/** How a text is laid out: what a change to it follows. */
export interface Layout {
  readonly text: string;
  readonly eol: "\n" | "\r\n";
  /** Columns by which a mapping stands further in than the key that it belongs to. */
  readonly step: number;
  /** Columns by which the dashes of a list stand further in than its key: often 0 or `step`. */
  readonly dashes: number;
}

export function layoutOf(text: string, document: Document.Parsed): Layout {
  const first = text.indexOf("\n");
  const eol = first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
  let step: number | undefined;
  let dashes: number | undefined;
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key)) return undefined;
      const column = columnOf(text, startOf(key));
      if (step === undefined && isMap(value) && !isFlow(value)) step = columnOf(text, startOfEntries(value)) - column;
      if (dashes === undefined && isSeq(value) && !isFlow(value)) dashes = columnOf(text, dashOf(value)) - column;
      return step !== undefined && dashes !== undefined ? visit.BREAK : undefined;
    },
  });
  return { text, eol, step: step ?? 2, dashes: dashes ?? step ?? 2 };
}

export function isFlow(node: YAMLMap | YAMLSeq): boolean {
  return node.srcToken?.type === "flow-collection";
}

/** Where a node's own text begins, anchors and tags left out. */
export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Where the first key of a block mapping stands. */
export function startOfEntries(map: YAMLMap): number {
  const key = (map.items[0] as Pair | undefined)?.key;
  return isScalar(key) ? startOf(key) : startOf(map);
}

/** Where the dash of a block list's last item stands. */
export function dashOf(list: YAMLSeq): number {
  const token = list.srcToken;
  if (token?.type !== "block-seq") return startOf(list);
  const dash = token.items.findLast((item) => item.start.some(({ type }) => type === "seq-item-ind"));
  return dash?.start.find(({ type }) => type === "seq-item-ind")?.offset ?? startOf(list);
}

/** Columns before an offset in its line, from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** Where the last character of a node's value has been passed; comments and empty lines after it are no part of it. */
export function endOf(node: Node): number {
  if (isMap(node) && !isFlow(node)) {
    const last = node.items.at(-1) as Pair<Node, Node | null> | undefined;
    if (last !== undefined) return last.value === null ? endOf(last.key) : endOf(last.value);
  }
  if (isSeq(node) && !isFlow(node)) {
    const last = node.items.at(-1) as Node | undefined;
    if (last !== undefined) return endOf(last);
  }
  return node.range?.[1] ?? 0;
}

/**
 * Where a line can be added below what ends at `end`: after its line, and after the comments right below it that stand at
 * least as far in as `column`, for they belong to what is above.
 */
export function belowOf(text: string, end: number, column: number): number {
  let at = end > 0 && text[end - 1] === "\n" ? end : afterLine(text, end);
  for (;;) {
    const line = text.slice(at, afterLine(text, at));
    const indent = /^ *(?=#)/.exec(line)?.[0].length;
    if (indent === undefined || indent < column) return at;
    at += line.length;
  }
}

function afterLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at + 1;
}
