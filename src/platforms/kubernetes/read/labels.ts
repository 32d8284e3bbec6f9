import { asText, Fields } from "../../../formats/fields.ts";
import type { TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";

/** The labels, or annotations, of one object. */
export interface Labels {
  readonly values: ReadonlyMap<string, string>;
  /** Labels whose value cannot be told, with the reason. */
  readonly unresolved: ReadonlyMap<string, string>;
  /** Why there may be more; undefined when there are none. */
  readonly hidden: string | undefined;
}

/** Whether something holds; `doubt` is a clause that says why it cannot be told. */
export type Answer = "yes" | "no" | { readonly doubt: string };

/** Both must hold. */
export function and(a: Answer, b: Answer): Answer {
  if (a === "no" || b === "no") return "no";
  return a === "yes" ? b : a;
}

/** One must hold. */
export function or(a: Answer, b: Answer): Answer {
  if (a === "yes" || b === "yes") return "yes";
  return a === "no" ? b : a;
}

/** Reads `labels` or `annotations` of a mapping. */
export function labelsOf(metadata: Fields, key: "labels" | "annotations" = "labels"): Labels {
  const fields = metadata.fields(key);
  const values = new Map<string, string>();
  const unresolved = new Map<string, string>();
  for (const entry of fields.entries) {
    const { value } = entry;
    if (value.kind !== "scalar") unresolved.set(entry.key, "it is no text");
    else if (value.unresolved !== undefined) unresolved.set(entry.key, value.unresolved);
    else values.set(entry.key, asText(value) ?? "");
  }
  return { values, unresolved, hidden: fields.hidden };
}

/** Why a label may have a value that is not known; undefined where it has one, or none for certain. */
export function whyOpen({ values, unresolved, hidden }: Labels, key: string): string | undefined {
  return values.has(key) ? undefined : (unresolved.get(key) ?? hidden);
}

/** What one label must be. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** A label selector: every requirement must hold; none takes everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** Why it may say more than is seen. */
  readonly doubt: string | undefined;
}

/** The selector that takes everything. */
export const everything: Selector = { requirements: [], doubt: undefined };

/**
 * A selector with `matchLabels` and `matchExpressions`. An empty mapping takes everything; what `undefined` means is for
 * the caller to say.
 */
export function selectorOf(node: TreeNode | undefined, place: Place): Selector {
  const fields = Fields.of(node, place, "selector");
  const labels = selectorFromMap(fields.node("matchLabels"), place);
  let doubt = fields.hidden ?? labels.doubt;
  const requirements: Requirement[] = [...labels.requirements];
  const expressions = fields.node("matchExpressions");
  if (expressions?.kind === "sequence") {
    doubt ??= expressions.incomplete;
    for (const item of expressions.items) {
      const requirement = expressionOf(item);
      if (typeof requirement === "string") doubt ??= requirement;
      else requirements.push(requirement);
    }
  } else if (expressions !== undefined) doubt ??= "`matchExpressions` is not a list";
  return { requirements, doubt };
}

/** Whether a selector names a label or an expression, be its value known or not: it takes not just everything. */
export function namesAnything(node: TreeNode | undefined, place: Place): boolean {
  const fields = Fields.of(node, place, "selector");
  const expressions = fields.node("matchExpressions");
  const isExpressed = expressions?.kind === "sequence" && expressions.items.length > 0;
  return isExpressed || fields.fields("matchLabels").entries.length > 0;
}

/** The plain map of labels that a Service selects by. */
export function selectorFromMap(node: TreeNode | undefined, place: Place): Selector {
  const fields = Fields.of(node, place, "selector");
  let doubt = fields.hidden;
  const requirements: Requirement[] = [];
  for (const { key, value } of fields.entries) {
    if (value.kind !== "scalar") doubt ??= "a label is no text";
    else if (value.unresolved !== undefined) doubt ??= value.unresolved;
    else requirements.push({ key, operator: "In", values: [asText(value) ?? ""] });
  }
  return { requirements, doubt };
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

function expressionOf(node: TreeNode): Requirement | string {
  const fields = Fields.of(node, node.place, "matchExpressions");
  const key = fields.node("key");
  const operator = fields.node("operator");
  const values = fields.node("values");
  if (key?.kind !== "scalar" || operator?.kind !== "scalar") return "a label expression lacks its key or operator";
  if (key.unresolved !== undefined || operator.unresolved !== undefined) return "a label expression is not resolved";
  const known = operators.find((each) => each === operator.value);
  if (known === undefined) return "a label expression has an operator that is not known";
  const texts = values?.kind === "sequence" && values.incomplete === undefined ? values.items.map(textOf) : [];
  if (texts.includes(undefined)) return "a label expression has a value that is not resolved";
  // No API server takes one without values: they are not seen.
  if (texts.length === 0 && (known === "In" || known === "NotIn"))
    return "the values of a label expression are not resolved";
  return { key: String(key.value), operator: known, values: texts.flatMap((text) => text ?? []) };
}

function textOf(node: TreeNode): string | undefined {
  return node.kind === "scalar" && node.unresolved === undefined ? asText(node) : undefined;
}

/** Whether a selector takes what has these labels. */
export function matches(selector: Selector, labels: Labels): Answer {
  let answer: Answer = "yes";
  for (const requirement of selector.requirements) {
    answer = and(answer, meets(requirement, labels));
    if (answer === "no") return "no";
  }
  return selector.doubt === undefined ? answer : and(answer, { doubt: selector.doubt });
}

function meets(requirement: Requirement, labels: Labels): Answer {
  const { key, operator } = requirement;
  const value = labels.values.get(key);
  if (value !== undefined) return holds(requirement, value) ? "yes" : "no";
  const why = labels.unresolved.get(key);
  if (why !== undefined) {
    // That it is there is known, its value is not.
    if (operator === "Exists") return "yes";
    return operator === "DoesNotExist" ? "no" : { doubt: why };
  }
  if (labels.hidden !== undefined) return { doubt: labels.hidden };
  return operator === "NotIn" || operator === "DoesNotExist" ? "yes" : "no";
}

/** Whether a value that is there meets a requirement. */
export function holds({ operator, values }: Requirement, value: string): boolean {
  switch (operator) {
    case "In":
      return values.includes(value);
    case "NotIn":
      return !values.includes(value);
    case "Exists":
      return true;
    case "DoesNotExist":
      return false;
  }
}

/** The one value that a selector leaves for a key; undefined when it leaves several, or says nothing of it. */
export function onlyValue({ requirements }: Selector, key: string): string | undefined {
  const found = requirements.find((each) => each.key === key && each.operator === "In" && each.values.length === 1);
  return found?.values[0];
}

/** A selector in words: `app=web, tier in (a, b)`; empty for one that takes everything. */
export function describeSelector(selector: Selector): string {
  return selector.requirements
    .map(({ key, operator, values }) => {
      if (operator === "Exists") return key;
      if (operator === "DoesNotExist") return `no ${key}`;
      if (operator === "In" && values.length === 1) return `${key}=${values[0]}`;
      return `${key} ${operator === "In" ? "in" : "not in"} (${values.join(", ")})`;
    })
    .join(", ");
}
