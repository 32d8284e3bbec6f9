import type { HclExpression } from "../ast.ts";
import type { Budget } from "../value/budget.ts";
import { asBoolean, asNumber, asSet, asText } from "../value/convert.ts";
import { failing, type HclValue, type ListValue, type MapEntry, type MapValue } from "../value/value.ts";

/** What `type` of a variable says. */
export type TypeConstraint =
  | { readonly kind: "any" | "text" | "number" | "boolean" }
  | { readonly kind: "list" | "set" | "map"; readonly of: TypeConstraint }
  | { readonly kind: "tuple"; readonly of: readonly TypeConstraint[] }
  | { readonly kind: "object"; readonly attributes: ReadonlyMap<string, ObjectAttribute> };

interface ObjectAttribute {
  readonly type: TypeConstraint;
  readonly optional: boolean;
  readonly otherwise: HclExpression | undefined;
}

const any: TypeConstraint = { kind: "any" };

/** The constraint that an expression states; `any` for one that is not understood. */
export function typeConstraint(expression: HclExpression | undefined): TypeConstraint {
  if (expression === undefined) return any;
  if (expression.kind === "variable") return primitive(expression.name);
  if (expression.kind === "literal" && typeof expression.value === "string") return primitive(expression.value);
  if (expression.kind !== "call") return any;
  const [of] = expression.arguments;
  switch (expression.name) {
    case "list":
    case "set":
    case "map":
      return { kind: expression.name, of: typeConstraint(of) };
    case "tuple":
      return of?.kind === "tuple" ? { kind: "tuple", of: of.items.map(typeConstraint) } : any;
    case "object":
      return of?.kind === "object" ? objectType(of) : any;
    default:
      return any;
  }
}

function primitive(name: string): TypeConstraint {
  if (name === "string") return { kind: "text" };
  if (name === "bool") return { kind: "boolean" };
  if (name === "list" || name === "set" || name === "map") return { kind: name, of: any };
  return name === "number" ? { kind: "number" } : any;
}

function objectType(object: Extract<HclExpression, { kind: "object" }>): TypeConstraint {
  const attributes = new Map<string, ObjectAttribute>();
  for (const { key, value } of object.entries) {
    if (key.kind !== "literal") continue;
    const optional = value.kind === "call" && value.name === "optional";
    const [type, otherwise] = optional ? value.arguments : [value];
    attributes.set(String(key.value), { type: typeConstraint(type), optional, otherwise });
  }
  return { kind: "object", attributes };
}

/** Evaluates the default of an optional attribute. */
export type EvaluateDefault = (expression: HclExpression) => HclValue;

/** A value as its constraint makes it: converted, with the defaults of optional attributes. */
export function constrained(
  value: HclValue,
  type: TypeConstraint,
  evaluate: EvaluateDefault,
  budget: Budget,
): HclValue {
  budget.spend(1);
  if (value.kind === "unknown" || value.kind === "null") return value;
  switch (type.kind) {
    case "any":
      return value;
    case "text":
      return asText(value);
    case "number":
      return asNumber(value);
    case "boolean":
      return asBoolean(value);
    case "list":
    case "set":
      return value.kind === "list" ? listOf(value, type.of, type.kind === "set", evaluate, budget) : wrong(value);
    case "tuple":
      return value.kind === "list" ? tupleOf(value, type.of, evaluate, budget) : wrong(value);
    case "map":
      return value.kind === "map" ? mapOf(value, type.of, evaluate, budget) : wrong(value);
    case "object":
      return value.kind === "map" ? objectOf(value, type.attributes, evaluate, budget) : wrong(value);
  }
}

function wrong(value: HclValue): HclValue {
  return failing("its value does not fit its type", value.place);
}

function listOf(
  value: ListValue,
  of: TypeConstraint,
  set: boolean,
  evaluate: EvaluateDefault,
  budget: Budget,
): HclValue {
  const items = value.items.map((item) => constrained(item, of, evaluate, budget));
  const made: ListValue = { ...value, items, set: false };
  return set ? asSet(made) : made;
}

function tupleOf(value: ListValue, of: readonly TypeConstraint[], evaluate: EvaluateDefault, budget: Budget): HclValue {
  return { ...value, items: value.items.map((item, at) => constrained(item, of[at] ?? any, evaluate, budget)) };
}

function mapOf(value: MapValue, of: TypeConstraint, evaluate: EvaluateDefault, budget: Budget): HclValue {
  const entries = [...value.entries].map(
    ([key, entry]) => [key, { ...entry, value: constrained(entry.value, of, evaluate, budget) }] as const,
  );
  return { ...value, entries: new Map(entries) };
}

/** Attributes that the type does not name are dropped, as the program does. */
function objectOf(
  value: MapValue,
  attributes: ReadonlyMap<string, ObjectAttribute>,
  evaluate: EvaluateDefault,
  budget: Budget,
): HclValue {
  const entries = new Map<string, MapEntry>();
  for (const [name, { type, optional, otherwise }] of attributes) {
    const entry = value.entries.get(name);
    if (entry !== undefined && !(entry.value.kind === "null" && otherwise !== undefined)) {
      entries.set(name, { ...entry, value: constrained(entry.value, type, evaluate, budget) });
      continue;
    }
    if (value.incomplete !== undefined) continue;
    if (!optional) return failing(`the attribute ${name.slice(0, 40)} is missing`, value.place);
    const given: HclValue = otherwise === undefined ? { kind: "null", place: value.place } : evaluate(otherwise);
    entries.set(name, { keyPlace: given.place, value: constrained(given, type, evaluate, budget) });
  }
  return { ...value, entries };
}
