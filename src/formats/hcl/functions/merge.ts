import { failing, type HclValue, type MapEntry, madeOf, map, unknown } from "../value/value.ts";
import type { HclFunction } from "./define.ts";

/**
 * Maps over one another, the last one first. Behind a map that is unknown nothing before it is sure any more: any of it
 * may be written over.
 */
export const merge: HclFunction = (given, place, { budget }) => {
  const entries = new Map<string, MapEntry>();
  let incomplete: string | undefined;
  for (const part of given) {
    if (part.kind === "null") continue;
    if (part.kind !== "map" && part.kind !== "unknown") return failing("a map is wanted", place);
    const missing = part.kind === "unknown" ? part.why : part.incomplete;
    if (missing !== undefined) {
      doubtAll(entries, missing);
      incomplete ??= missing;
    }
    if (part.kind === "unknown") continue;
    budget.spend(part.entries.size);
    for (const [key, entry] of part.entries) entries.set(key, entry);
  }
  return madeOf(map(entries, place, incomplete), given.map(withoutEntries));
};

function doubtAll(entries: Map<string, MapEntry>, why: string): void {
  for (const [key, { keyPlace, value }] of entries) {
    entries.set(key, { keyPlace, value: madeOf(unknown(why, value.place), [value]) });
  }
}

function withoutEntries(value: HclValue): HclValue {
  return value.kind === "map" ? { ...value, entries: new Map() } : value;
}
