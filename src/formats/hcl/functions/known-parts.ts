import { type HclValue, list, madeOf, text, type UnknownValue } from "../value/value.ts";
import type { HclFunction } from "./define.ts";

/** A function of texts that makes of one of which parts are known the same of those parts. `at`: which argument that is. */
export function ofKnownParts(at: number, make: HclFunction): HclFunction {
  return (given, place, surroundings) => {
    const value = given[at];
    if (value?.kind !== "unknown" || value.partial === undefined) return make(given, place, surroundings);
    const made = make(given.with(at, text(value.partial, value.place)), place, surroundings);
    if (made.kind !== "text") return make(given, place, surroundings);
    return madeOf<HclValue>({ ...value, place, partial: made.value }, given);
  };
}

/** The same of the items of the lists that a function is given, from an argument on. */
export function ofKnownItems(from: number, make: HclFunction): HclFunction {
  return (given, place, surroundings) => {
    let doubt: UnknownValue | undefined;
    const known = given.map((value, at): HclValue => {
      if (at < from || value.kind !== "list" || value.incomplete !== undefined) return value;
      const items = value.items.map((item): HclValue => {
        if (item.kind !== "unknown") return item;
        doubt ??= item;
        return text(item.partial ?? "${…}", item.place);
      });
      return doubt === undefined ? value : list(items, value.place);
    });
    const made = make(known, place, surroundings);
    if (doubt === undefined || made.kind !== "text")
      return doubt === undefined ? made : make(given, place, surroundings);
    return madeOf<HclValue>({ ...doubt, place, partial: made.value }, [...given, ...given.flatMap(itemsOf)]);
  };
}

function itemsOf(value: HclValue): readonly HclValue[] {
  return value.kind === "list" ? value.items : [];
}
