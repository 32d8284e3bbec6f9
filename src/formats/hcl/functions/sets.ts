import { asSet } from "../value/convert.ts";
import { equal } from "../value/equal.ts";
import { failing, type HclValue, type ListValue, list } from "../value/value.ts";
import { type Arguments, type HclFunction, type HclFunctions, total } from "./define.ts";

/** A function of sets that keeps some items of the first, given the others. */
function ofSets(make: (sets: readonly (readonly HclValue[])[], given: Arguments) => readonly HclValue[]): HclFunction {
  return total({ takes: ["list"], rest: "list" }, (given) => {
    const sets = given.all.map((value) => asSet(value));
    const items = sets.map((set) => (set.kind === "list" ? set.items : []));
    given.budget.spend(items.reduce((count, each) => count + each.length, 0));
    return asSet(list(make(items, given), given.place));
  });
}

function has(items: readonly HclValue[], wanted: HclValue, given: Arguments): boolean {
  return items.some((item) => equal(item, wanted, given.budget) === true);
}

function product(given: Arguments): HclValue {
  const count = given.all.reduce((size, _, at) => size * given.items(at).length, 1);
  given.budget.spend(count * given.count);
  let rows: (readonly HclValue[])[] = [[]];
  for (let at = 0; at < given.count; at++) {
    rows = rows.flatMap((row) => given.items(at).map((item) => [...row, item]));
  }
  const made: ListValue = list(
    rows.map((row) => list(row, given.place)),
    given.place,
  );
  return given.count < 2 ? failing("it wants two lists or more", given.place) : made;
}

export const setFunctions: HclFunctions = {
  setunion: ofSets((sets) => sets.flat()),
  setintersection: ofSets(([first = [], ...others], given) =>
    first.filter((item) => others.every((other) => has(other, item, given))),
  ),
  setsubtract: ofSets(([first = [], ...others], given) =>
    first.filter((item) => !others.some((other) => has(other, item, given))),
  ),
  setsymmetricdifference: ofSets(([first = [], second = []], given) => [
    ...first.filter((item) => !has(second, item, given)),
    ...second.filter((item) => !has(first, item, given)),
  ]),
  setproduct: total({ takes: ["list"], rest: "list" }, product),
};
