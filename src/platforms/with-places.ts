import type { Place } from "../lib/place.ts";

/** A copy of plain data with every place in it changed. Texts that are secret, sources and the like are kept as they are. */
export function withPlaces<T>(value: T, change: (place: Place) => Place): T {
  return changed(value, change) as T;
}

function changed(value: unknown, change: (place: Place) => Place): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, change));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (isFilePlace(value)) return change(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, changed(each, change)]));
}

function isFilePlace(value: object): value is Place {
  return "kind" in value && value.kind === "file" && "source" in value && "offset" in value;
}
