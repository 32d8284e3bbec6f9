import { type Fact, type FactList, unknown } from "../../../../facts/fact.ts";
import { Fields, type ItemParser, type ScalarParser } from "../../../../formats/fields.ts";
import { oldBoolean } from "../../../../formats/yaml/scalars.ts";
import type { Place } from "../../../../lib/place.ts";

/**
 * True or false as the API server takes it: a text (`"true"`) is refused. That `kubectl` takes YAML 1.1's words for them
 * (`yes`, `off`) is known where the text is parsed; kustomize v5.7 hands them on as texts.
 */
export function flagFact(fields: Fields, key: string, absent: (place: Place) => Fact<NoInfer<boolean>>): Fact<boolean> {
  const fact = fields.fact(key, asFlag, "true or false", absent);
  const node = fields.node(key);
  if (fact.kind !== "unknown" || node?.kind !== "scalar" || node.unresolved !== undefined) return fact;
  if (typeof node.value !== "string" || oldBoolean(node.value) === undefined) return fact;
  return unknown(
    `\`${key}\` is the text \`${node.value}\`, which the API server refuses; kustomize makes a text of it where kubectl alone reads it as ${oldBoolean(node.value)}`,
    fact.place,
  );
}

const asFlag: ScalarParser<boolean> = ({ value }) => (typeof value === "boolean" ? value : undefined);

/** A whole number; the API server takes no text for one. */
export const asWhole: ScalarParser<number> = ({ value }) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/** A quantity (`512Mi`, `500m`, `0.5`, `1e9`) as a plain number; k8s.io/apimachinery/pkg/api/resource. */
export const asQuantity: ScalarParser<number> = ({ value }) => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.length > 40) return undefined;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:(n|u|m|k|[MGTPE]i?|Ki)|[eE]([+-]?\d{1,2}))?$/.exec(value);
  if (match === null) return undefined;
  const [, number, unit, exponent] = match;
  const factor = unit === undefined ? 10 ** Number(exponent ?? 0) : (factors[unit] ?? 1);
  return Number(number) * factor;
};

/** The mappings of a list. What is none makes it incomplete, and so does what cannot be resolved. */
export function members(fields: Fields, key: string): FactList<Fields> {
  const member: ItemParser<Fields> = (node, name) => {
    if (name !== undefined) return { why: `\`${key}\` is not a list` };
    if (node.kind === "scalar") return { why: node.unresolved ?? `an entry of \`${key}\` is not a mapping` };
    if (node.kind === "sequence") return { why: `an entry of \`${key}\` is not a mapping` };
    return { value: Fields.of(node, node.place, key) };
  };
  return fields.list(key, member);
}
