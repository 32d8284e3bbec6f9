import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "../../../formats/tree.ts";
import { entry, goText, mapping, scalar } from "./nodes.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";

/**
 * `KEY=value` lists and mappings in one form: a mapping. Of two items with one key the later one counts.
 * A key without `=` has the value null. Anything that is neither comes back as it is.
 */
export function toPairs(node: TreeNode, session: Session): TreeNode {
  if (node.kind !== "sequence") return node;
  const entries = new Map<string, MappingEntry>();
  let incomplete = node.incomplete;
  for (const item of node.items) {
    const pair = item.kind === "scalar" ? splitPair(item, session) : undefined;
    if (pair === undefined) incomplete ??= "an item of it is no text";
    else if (typeof pair === "string") incomplete ??= pair;
    else entries.set(pair.key, pair);
  }
  const pairs: MappingNode = mapping(entries, node.place);
  return {
    ...pairs,
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(node.tag === undefined ? {} : { tag: node.tag }),
  };
}

/** Variables as pairs; a list of them may have no name that ends with a space, which Compose refuses there alone. */
export function toVariables(node: TreeNode, session: Session): TreeNode {
  for (const item of node.kind === "sequence" ? node.items : []) {
    const name = item.kind === "scalar" ? (goText(item).split("=", 1)[0] ?? "") : "";
    if (/\s$/.test(name)) {
      const message = `The name ${shownText(name)} ends with a space, which would become part of it.`;
      session.error(message, item.place, "Remove the space.");
    }
  }
  return toPairs(node, session);
}

/** One `KEY=value`; a clause when the key itself is not known. */
function splitPair(item: ScalarNode, session: Session): MappingEntry | string {
  const text = goText(item);
  const equals = text.indexOf("=");
  const key = equals === -1 ? text : text.slice(0, equals);
  const doubts = session.doubtsOf(item);
  const keyDoubt = doubts.find((doubt) => doubt.start <= key.length);
  if (keyDoubt !== undefined) return keyDoubt.why;
  if (equals === -1) {
    const bare = scalar(null, item.place);
    session.markBare(bare);
    return entry(key, bare);
  }
  return entry(key, part(item, equals + 1, text.length, session));
}

/**
 * A stretch of a scalar's text as a scalar of its own: at the same place, in doubt only where the doubtful stretches
 * touch it.
 */
export function part(whole: ScalarNode, start: number, end: number, session: Session): ScalarNode {
  const value = String(whole.value).slice(start, end);
  const { unresolved: _all, ...rest } = whole;
  if (whole.unresolved === undefined) return { ...rest, value };
  const all = session.doubtsOf(whole);
  // A doubt about the whole that has no stretch of its own is a doubt about each part.
  if (all.length === 0) return { ...whole, value };
  const own = all.filter((doubt) => doubt.end >= start && doubt.start <= end);
  const first = own[0];
  if (first === undefined) return { ...rest, value };
  const node: ScalarNode = { ...rest, value, unresolved: first.why };
  session.doubt(
    node,
    own.map((doubt) => ({ ...doubt, start: Math.max(0, doubt.start - start), end: Math.min(end, doubt.end) - start })),
  );
  return node;
}
