import type { TreeNode } from "../../../formats/tree.ts";
import { mapItems, mapValues } from "./nodes.ts";

/** A table of dotted patterns (`services.*.ports`; `*` is any key or any item), arranged so that a walk looks up each key once. */
export interface Rules<T> {
  rule?: T;
  readonly keys: Map<string, Rules<T>>;
  any?: Rules<T>;
}

export function rulesOf<T>(table: Readonly<Record<string, T>>): Rules<T> {
  const root: Rules<T> = { keys: new Map() };
  for (const [pattern, rule] of Object.entries(table)) {
    let at = root;
    for (const part of pattern.split(".")) at = stepFor(at, part);
    at.rule = rule;
  }
  return root;
}

function stepFor<T>(at: Rules<T>, part: string): Rules<T> {
  if (part === "*") {
    at.any ??= { keys: new Map() };
    return at.any;
  }
  const known = at.keys.get(part);
  if (known !== undefined) return known;
  const created: Rules<T> = { keys: new Map() };
  at.keys.set(part, created);
  return created;
}

/** The rules below a key, or undefined when none stands there. */
export function below<T>(rules: Rules<T> | undefined, key: string): Rules<T> | undefined {
  return rules === undefined ? undefined : (rules.keys.get(key) ?? rules.any);
}

/** Applies each rule to the nodes its pattern names, outer ones first; nodes without a rule below them are not visited. */
export function applyRules<T>(node: TreeNode, rules: Rules<T>, apply: (node: TreeNode, rule: T) => TreeNode): TreeNode {
  const { keys, any } = rules;
  const own = rules.rule === undefined ? node : apply(node, rules.rule);
  if (own.kind === "mapping" && (any !== undefined || keys.size > 0))
    return mapValues(own, (value, key) => {
      const next = keys.get(key) ?? any;
      return next === undefined ? value : applyRules(value, next, apply);
    });
  if (own.kind === "sequence" && any !== undefined) return mapItems(own, (item) => applyRules(item, any, apply));
  return own;
}
