import type { HclBlock } from "../ast.ts";
import { describeExpression } from "../evaluate/describe.ts";
import type { Evaluator } from "../evaluate/evaluator.ts";
import { keyText, roundsOf } from "../evaluate/for-expression.ts";
import type { Namespace } from "../evaluate/scope.ts";
import { asNumber } from "../value/convert.ts";
import { type HclValue, type MapValue, map, number, unknown } from "../value/value.ts";

/** One instance of a block with `count` or `for_each`, or the only one of a block with neither. */
export interface Repeated {
  readonly key: number | string | undefined;
  /** What `each` and `count` are in it. */
  readonly names: ReadonlyMap<string, HclValue | Namespace>;
  /** Why it may not be there. */
  readonly condition: string | undefined;
}

export interface Repetition {
  readonly style: "one" | "count" | "each";
  readonly instances: readonly Repeated[];
  /** Why there may be others. */
  readonly incomplete: string | undefined;
}

/** Instances of one block; more are no honest configuration. */
const mostInstances = 2000;
const tooMany = `there are more than ${mostInstances}`;

/** How often a block is there. Where that cannot be told, there is one instance that may not be. */
export function repetition(block: HclBlock, evaluator: Evaluator): Repetition {
  const count = block.body.attributes.get("count");
  const each = block.body.attributes.get("for_each");
  if (count !== undefined) return counted(evaluator.evaluate(count.value), describeExpression(count.value));
  if (each !== undefined) return forEach(evaluator.evaluate(each.value), describeExpression(each.value));
  return {
    style: "one",
    instances: [{ key: undefined, names: new Map(), condition: undefined }],
    incomplete: undefined,
  };
}

function counted(value: HclValue, shown: string): Repetition {
  const count = asNumber(value);
  if (count.kind === "number") {
    const times = Math.max(0, Math.min(mostInstances, Math.trunc(count.value)));
    const instances = Array.from({ length: times }, (_, index) => ({
      key: index,
      names: new Map([["count", countOf(number(index, value.place))]]),
      condition: undefined,
    }));
    if (count.value <= mostInstances) return { style: "count", instances, incomplete: undefined };
    return { style: "count", instances: [...instances, unsureCount(value, shown, tooMany)], incomplete: tooMany };
  }
  const why = count.kind === "unknown" ? count.why : "count is no number";
  const unsure = unsureCount(value, shown, why);
  return { style: "count", instances: [unsure], incomplete: unsure.condition };
}

function unsureCount(value: HclValue, shown: string, why: string): Repeated {
  const names = new Map([["count", countOf(unknown(why, value.place))]]);
  return { key: undefined, names, condition: `count is ${shown}, and ${why}` };
}

function countOf(index: HclValue): MapValue {
  return map(new Map([["index", { keyPlace: index.place, value: index }]]), index.place);
}

function forEach(value: HclValue, shown: string): Repetition {
  if (value.kind !== "list" && value.kind !== "map") {
    const why = value.kind === "unknown" ? value.why : "for_each is no collection";
    return { style: "each", instances: [unsure(value, shown, why)], incomplete: why };
  }
  const rounds = roundsOf(value);
  const incomplete = rounds.length > mostInstances ? tooMany : value.incomplete;
  const instances = rounds.slice(0, mostInstances).map((round): Repeated => {
    const key = value.kind === "list" ? round.value : round.key;
    const names = new Map([["each", eachOf(key, round.value)]]);
    return { key: keyText(key), names, condition: undefined };
  });
  const others = incomplete === undefined ? [] : [unsure(value, shown, incomplete)];
  return { style: "each", instances: [...instances, ...others], incomplete };
}

/** An instance that stands for those which cannot be told. */
function unsure(value: HclValue, shown: string, why: string): Repeated {
  const hidden = unknown(why, value.place);
  const names = new Map([["each", eachOf(hidden, hidden)]]);
  return { key: undefined, names, condition: `for_each is ${shown}, and ${why}` };
}

function eachOf(key: HclValue, value: HclValue): MapValue {
  const entries = new Map([
    ["key", { keyPlace: key.place, value: key }],
    ["value", { keyPlace: value.place, value }],
  ]);
  return map(entries, key.place);
}
