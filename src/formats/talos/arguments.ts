import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { complete, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import { asText, type Fields } from "../fields.ts";
import type { TreeNode } from "../tree.ts";

/** `extraArgs` of a component: a mapping of flags; a flag may have several values, of which the last counts. */
export function argumentsOf(fields: Fields, key = "extraArgs"): FactList<ComponentArgument> {
  const node = fields.node(key);
  if (node === undefined) {
    return fields.hidden === undefined ? complete([], fields.place) : incomplete([], fields.hidden, fields.place);
  }
  if (node.kind !== "mapping") return incomplete([], `\`${key}\` is not a mapping`, node.place);
  const items = [...node.entries.values()].map(({ key: name, value, keyPlace }) => ({
    name: name.replace(/^--/, ""),
    value: argumentValue(value),
    place: keyPlace,
  }));
  return node.incomplete === undefined ? complete(items, node.place) : incomplete(items, node.incomplete, node.place);
}

function argumentValue(node: TreeNode): Fact<string> {
  if (node.kind === "sequence") {
    const last = node.items.at(-1);
    return last === undefined ? stated("", node.place) : argumentValue(last);
  }
  if (node.kind === "mapping") return unknown("its value is a mapping", node.place);
  if (node.unresolved !== undefined) return unknown(node.unresolved, node.place);
  return stated(asText(node) ?? "", node.place);
}

/** Several lists as one; not whole where one of them is not. */
export function together<T>(lists: readonly FactList<T>[], place: FactList<T>["place"]): FactList<T> {
  const items = lists.flatMap((list) => list.items);
  const where = lists.find((list) => list.items.length > 0)?.place ?? lists[0]?.place ?? place;
  const open = lists.find((list) => !list.complete);
  return open === undefined || open.complete ? complete(items, where) : incomplete(items, open.why, where);
}
