import type { Place } from "../../../lib/place.ts";
import { asText, unified } from "../value/convert.ts";
import { equal } from "../value/equal.ts";
import { firstUnknown } from "../value/first-unknown.ts";
import {
  boolean,
  compareTexts,
  failing,
  type HclValue,
  type ListValue,
  list,
  type MapEntry,
  type MapValue,
  madeOf,
  map,
  number,
  sortedEntries,
  text,
  unknown,
} from "../value/value.ts";
import { type Arguments, type HclFunction, type HclFunctions, total, withoutPartial } from "./define.ts";
import { merge } from "./merge.ts";
import { lengthOf } from "./texts.ts";

/** Lists one after another; one that is unknown makes the result incomplete. */
const concat: HclFunction = (given, place, { budget }) => {
  const items: HclValue[] = [];
  let incomplete: string | undefined;
  for (const part of given) {
    if (part.kind === "unknown") incomplete ??= part.why;
    else if (part.kind !== "list") return failing("a list is wanted", place);
    else {
      budget.spend(part.items.length);
      incomplete ??= part.incomplete;
      for (const item of part.items) items.push(item);
    }
  }
  return madeOf(list(items, place, incomplete), given.map(withoutItems));
};

/** The first that is neither null nor the empty text. */
const coalesce: HclFunction = (given, place) => {
  for (const value of given) {
    if (value.kind === "unknown") return madeOf(unknown(value.why, place), [value]);
    if (value.kind === "null" || (value.kind === "text" && value.value === "")) continue;
    const mixed = given.some((other) => other.kind === "text");
    return mixed && (value.kind === "number" || value.kind === "boolean") ? asText(value) : value;
  }
  return failing("all of the values are null or empty", place);
};

const coalescelist: HclFunction = (given, place) => {
  for (const value of given) {
    if (value.kind === "unknown") return value;
    if (value.kind === "list" && (value.items.length > 0 || value.incomplete !== undefined)) return value;
  }
  return failing("all of the lists are empty", place);
};

const contains: HclFunction = (given, place, { budget }) => {
  const [collection, wanted] = given;
  if (collection === undefined || wanted === undefined) return failing("it wants two arguments", place);
  if (collection.kind === "unknown") return collection;
  if (collection.kind !== "list") return failing("a list is wanted", place);
  let doubt = collection.incomplete;
  for (const item of collection.items) {
    const same = equal(comparable(item, wanted), wanted, budget);
    if (same === true) return madeOf(boolean(true, place), [collection, wanted]);
    if (same === undefined) doubt ??= firstUnknown(item, budget)?.why ?? firstUnknown(wanted, budget)?.why;
  }
  const found = doubt === undefined ? boolean(false, place) : unknown(doubt, place);
  return madeOf(found, [withoutItems(collection), wanted]);
};

function comparable(item: HclValue, wanted: HclValue): HclValue {
  return wanted.kind === "text" && (item.kind === "number" || item.kind === "boolean") ? asText(item) : item;
}

const length: HclFunction = (given, place, surroundings) => {
  const [collection] = given;
  if (collection === undefined) return failing("it wants one argument", place);
  if (collection.kind === "unknown") return withoutPartial(collection, place);
  if (collection.kind === "text")
    return total({ takes: ["text"] }, (one) => lengthOf(one.text(0), one))(given, place, surroundings);
  if (collection.kind !== "list" && collection.kind !== "map") return failing("a collection is wanted", place);
  if (collection.incomplete !== undefined) return unknown(collection.incomplete, place);
  return number(collection.kind === "list" ? collection.items.length : collection.entries.size, place);
};

const lookup: HclFunction = (given, place) => {
  const [collection, key, otherwise] = given;
  if (collection === undefined || key === undefined) return failing("it wants a map and a key", place);
  if (collection.kind === "unknown") return collection;
  const name = asText(key);
  if (name.kind === "unknown") return name;
  if (collection.kind !== "map" || name.kind !== "text") return failing("a map and a key are wanted", place);
  const entry = collection.entries.get(name.value);
  if (entry !== undefined) return madeOf(entry.value, [withoutItems(collection)]);
  if (collection.incomplete !== undefined) return unknown(collection.incomplete, place);
  return otherwise ?? failing(`there is no key ${name.value.slice(0, 40)}`, place);
};

const element: HclFunction = (given, place) => {
  const [collection, index] = given;
  if (collection?.kind === "unknown") return collection;
  if (index?.kind === "unknown") return index;
  if (collection?.kind !== "list" || index?.kind !== "number") return failing("a list and a number are wanted", place);
  if (collection.incomplete !== undefined) return unknown(collection.incomplete, place);
  const count = collection.items.length;
  const item = collection.items[((index.value % count) + count) % count];
  return item === undefined ? failing("the list is empty", place) : madeOf(item, [withoutItems(collection)]);
};

const flatten: HclFunction = (given, place, { budget }) => {
  const [collection] = given;
  if (collection?.kind === "unknown") return collection;
  if (collection?.kind !== "list") return failing("a list is wanted", place);
  const items: HclValue[] = [];
  let incomplete: string | undefined;
  const add = (from: ListValue) => {
    incomplete ??= from.incomplete;
    for (const item of from.items) {
      budget.spend(1);
      if (item.kind === "list") {
        if (budget.enter()) {
          add(item);
          budget.leave();
        }
      } else if (item.kind === "unknown") incomplete ??= item.why;
      else items.push(item);
    }
  };
  add(collection);
  return madeOf(list(items, place, incomplete), [withoutItems(collection)]);
};

const keys: HclFunction = (given, place) => {
  const [collection] = given;
  if (collection?.kind === "unknown") return collection;
  if (collection?.kind !== "map") return failing("a map is wanted", place);
  const items = sortedEntries(collection).map(([key, entry]) => text(key, entry.keyPlace));
  return madeOf(list(items, place, collection.incomplete), [withoutItems(collection)]);
};

const values: HclFunction = (given, place) => {
  const [collection] = given;
  if (collection?.kind === "unknown") return collection;
  if (collection?.kind !== "map") return failing("a map is wanted", place);
  const items = sortedEntries(collection).map(([, entry]) => entry.value);
  return madeOf(list(items, place, collection.incomplete), [withoutItems(collection)]);
};

const one: HclFunction = (given, place) => {
  const [collection] = given;
  if (collection?.kind === "unknown") return collection;
  if (collection?.kind !== "list") return failing("a list is wanted", place);
  if (collection.incomplete !== undefined) return unknown(collection.incomplete, place);
  if (collection.items.length > 1) return failing("the list has more than one item", place);
  return collection.items[0] ?? { kind: "null", place };
};

/** What a collection passes on besides its items. */
function withoutItems(value: HclValue): HclValue {
  if (value.kind === "list") return { ...value, items: [] };
  return value.kind === "map" ? { ...value, entries: new Map() } : value;
}

function booleans(deciding: boolean): HclFunction {
  return (given, place) => {
    const [collection] = given;
    if (collection?.kind === "unknown") return collection;
    if (collection?.kind !== "list") return failing("a list is wanted", place);
    let doubt = collection.incomplete;
    for (const item of collection.items) {
      if (item.kind === "unknown") doubt ??= item.why;
      else if (asText(item).kind === "text" && String("value" in item ? item.value : "") === String(deciding)) {
        return madeOf(boolean(deciding, place), [collection]);
      }
    }
    return doubt === undefined ? madeOf(boolean(!deciding, place), [collection]) : unknown(doubt, place);
  };
}

function ofList(make: (items: readonly HclValue[], given: Arguments) => readonly HclValue[]): HclFunction {
  return total({ takes: ["list"] }, (given) => {
    given.budget.spend(given.items(0).length);
    return list(make(given.items(0), given), given.place);
  });
}

function sorted(items: readonly HclValue[]): readonly HclValue[] {
  return items
    .map(asText)
    .sort((a, b) => (a.kind === "text" && b.kind === "text" ? compareTexts(a.value, b.value) : 0));
}

function distinct(items: readonly HclValue[], given: Arguments): readonly HclValue[] {
  const kept: HclValue[] = [];
  for (const item of unified(items)) {
    if (!kept.some((other) => equal(item, other, given.budget) === true)) kept.push(item);
  }
  return kept;
}

function range(given: Arguments): HclValue {
  const [first = 0, second, third] = given.all.map((_, at) => given.number(at));
  const start = second === undefined ? 0 : first;
  const end = second ?? first;
  const step = third ?? (end < start ? -1 : 1);
  if (step === 0 || (end - start) / step < 0) {
    return step === 0 ? failing("a range wants a step", given.place) : list([], given.place);
  }
  const count = Math.ceil((end - start) / step);
  if (count > 1024) return failing("a range has at most 1024 numbers", given.place);
  given.budget.spend(count);
  return list(
    Array.from({ length: count }, (_, at) => number(start + at * step, given.place)),
    given.place,
  );
}

function slice(given: Arguments): HclValue {
  const items = given.items(0);
  const [start, end] = [given.number(1), given.number(2)];
  const valid = start >= 0 && end <= items.length && start <= end;
  return valid ? list(items.slice(start, end), given.place) : failing("the slice lies outside the list", given.place);
}

function chunks(given: Arguments): HclValue {
  const size = given.number(1);
  const items = given.items(0);
  if (size <= 0) return list([list(items, given.place)], given.place);
  const made: HclValue[] = [];
  for (let at = 0; at < items.length; at += size) made.push(list(items.slice(at, at + size), given.place));
  return list(made, given.place);
}

const zipmap: HclFunction = (given, place) => {
  const [names, items] = given;
  if (names?.kind === "unknown") return names;
  if (items?.kind === "unknown") return items;
  if (names?.kind !== "list" || items?.kind !== "list") return failing("two lists are wanted", place);
  const incomplete = names.incomplete ?? items.incomplete;
  if (incomplete === undefined && names.items.length !== items.items.length) {
    return failing("the lists of a zipmap differ in length", place);
  }
  const entries = new Map<string, MapEntry>();
  let doubt = incomplete;
  for (const [at, name] of names.items.entries()) {
    const value = items.items[at];
    const key = asText(name);
    if (key.kind !== "text" || value === undefined) doubt ??= key.kind === "unknown" ? key.why : "a key is null";
    else entries.set(key.value, { keyPlace: name.place, value });
  }
  return madeOf(map(entries, place, doubt), [withoutItems(names), withoutItems(items)]);
};

function matchkeys(given: Arguments): HclValue {
  const found = given.items(0).filter((_, at) => {
    const key = given.items(1)[at];
    return key !== undefined && given.items(2).some((wanted) => equal(key, wanted, given.budget) === true);
  });
  return list(found, given.place);
}

/** Keys and values of a map of lists exchanged. */
function transpose(given: Arguments): HclValue {
  const turned = new Map<string, HclValue[]>();
  for (const [key, entry] of sortedEntries(given.map(0))) {
    if (entry.value.kind !== "list") return failing("a map of lists is wanted", given.place);
    for (const item of entry.value.items) {
      const name = asText(item);
      if (name.kind !== "text") return failing("a text is wanted", given.place);
      turned.set(name.value, [...(turned.get(name.value) ?? []), text(key, entry.keyPlace)]);
      given.budget.spend(turned.get(name.value)?.length ?? 0);
    }
  }
  return groups(turned, given.place);
}

function groups(lists: ReadonlyMap<string, readonly HclValue[]>, place: Place): MapValue {
  return map(new Map([...lists].map(([key, items]) => [key, { keyPlace: place, value: list(items, place) }])), place);
}

function compact(items: readonly HclValue[]): readonly HclValue[] {
  return items.filter((item) => item.kind !== "null" && !(item.kind === "text" && item.value === ""));
}

function indexOf(given: Arguments): HclValue {
  const at = given.items(0).findIndex((item) => equal(item, given.value(1), given.budget) === true);
  return at === -1 ? failing("the item is not in the list", given.place) : number(at, given.place);
}

export const collectionFunctions: HclFunctions = {
  alltrue: booleans(false),
  anytrue: booleans(true),
  chunklist: total({ takes: ["list", "number"] }, chunks),
  coalesce,
  coalescelist,
  compact: ofList(compact),
  concat,
  contains,
  distinct: ofList(distinct),
  element,
  flatten,
  index: total({ takes: ["list", "any"] }, indexOf),
  keys,
  length,
  lookup,
  matchkeys: total({ takes: ["list", "list", "list"] }, matchkeys),
  merge,
  one,
  range: total({ takes: ["number"], rest: "number" }, range),
  reverse: ofList((items) => [...items].reverse()),
  slice: total({ takes: ["list", "number", "number"] }, slice),
  sort: ofList(sorted),
  transpose: total({ takes: ["map"] }, transpose),
  values,
  zipmap,
};
