import type { HclFor } from "../ast.ts";
import { asBoolean, asText, numberText } from "../value/convert.ts";
import {
  failing,
  type HclValue,
  type ListValue,
  list,
  type MapEntry,
  madeOf,
  map,
  number,
  sortedEntries,
  text,
} from "../value/value.ts";
import type { Evaluator } from "./evaluator.ts";
import { withNames } from "./scope.ts";

/** `[for …]` and `{for …}`; what cannot be told of one item makes the result incomplete. */
export function evaluateFor(expression: HclFor, evaluator: Evaluator, item: HclValue | undefined): HclValue {
  const { place } = expression;
  const collection = evaluator.evaluate(expression.collection, item);
  if (collection.kind === "unknown") return collection;
  if (collection.kind !== "list" && collection.kind !== "map") return failing("a for wants a collection", place);
  const rounds = roundsOf(collection);
  const gathered = new Gathered(expression, collection.incomplete);
  for (const round of rounds) {
    evaluator.budget.spend(1);
    gathered.add(namesOf(expression, round), round, evaluator, item);
  }
  return madeOf(gathered.result(), [collection.kind === "list" ? { ...collection, items: [] } : collection]);
}

/** One item of a collection: its key or index, and its value. */
export interface Round {
  readonly key: HclValue;
  readonly value: HclValue;
}

/** What a `for` goes through, in the program's own order. */
export function roundsOf(collection: Extract<HclValue, { kind: "list" | "map" }>): readonly Round[] {
  if (collection.kind === "map") {
    return sortedEntries(collection).map(([key, entry]) => ({ key: text(key, entry.keyPlace), value: entry.value }));
  }
  return collection.items.map((value, index) => ({
    key: collection.set ? value : number(index, value.place),
    value,
  }));
}

/** The names that a round binds. */
export function namesOf(
  { keyName, valueName }: { readonly keyName: string | undefined; readonly valueName: string },
  { key, value }: Round,
): ReadonlyMap<string, HclValue> {
  const names = new Map<string, HclValue>();
  if (keyName !== undefined) names.set(keyName, key);
  return names.set(valueName, value);
}

class Gathered {
  readonly #expression: HclFor;
  readonly #items: HclValue[] = [];
  readonly #entries = new Map<string, MapEntry>();
  readonly #groups = new Map<string, { readonly keyPlace: MapEntry["keyPlace"]; readonly items: HclValue[] }>();
  #incomplete: string | undefined;
  #failed: HclValue | undefined;

  constructor(expression: HclFor, incomplete: string | undefined) {
    this.#expression = expression;
    this.#incomplete = incomplete;
  }

  add(names: ReadonlyMap<string, HclValue>, round: Round, evaluator: Evaluator, item: HclValue | undefined): void {
    const { condition, key, value } = this.#expression;
    const inner = evaluator.within(withNames(evaluator.scope, names));
    if (condition !== undefined) {
      const holds = asBoolean(inner.evaluate(condition, item));
      if (holds.kind === "unknown") this.#incomplete ??= holds.why;
      if (holds.kind !== "boolean" || !holds.value) return;
    }
    const made = inner.evaluate(value, item);
    if (key === undefined) this.#items.push(made);
    else this.#entry(asText(inner.evaluate(key, item)), made, round);
  }

  #entry(key: HclValue, value: HclValue, round: Round): void {
    if (key.kind !== "text") {
      this.#incomplete ??= key.kind === "unknown" ? key.why : "a key is null";
      return;
    }
    const keyPlace = round.key.kind === "text" ? round.key.place : key.place;
    if (this.#expression.grouped) {
      const group = this.#groups.get(key.value);
      if (group === undefined) this.#groups.set(key.value, { keyPlace, items: [value] });
      else group.items.push(value);
    } else if (this.#entries.has(key.value)) {
      this.#failed ??= failing("two items of a for have the same key", this.#expression.place);
    } else this.#entries.set(key.value, { keyPlace, value });
  }

  result(): HclValue {
    const { place, key, grouped } = this.#expression;
    if (this.#failed !== undefined) return this.#failed;
    if (key === undefined) return list(this.#items, place, this.#incomplete);
    if (!grouped) return map(this.#entries, place, this.#incomplete);
    const entries = [...this.#groups].map(([name, { keyPlace, items }]) => {
      const value: ListValue = list(items, place);
      return [name, { keyPlace, value }] as const;
    });
    return map(new Map(entries), place, this.#incomplete);
  }
}

/** A key as a text, for a name in brackets. */
export function keyText(key: HclValue): string | undefined {
  if (key.kind === "number") return numberText(key.value);
  return key.kind === "text" ? key.value : undefined;
}
