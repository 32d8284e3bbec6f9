import type { Place } from "../../../lib/place.ts";
import { asNumber, asText } from "../value/convert.ts";
import { failing, type HclValue, type MapValue, madeOf, unknown } from "../value/value.ts";
import type { Namespace } from "./scope.ts";

/** `on.name` */
export function member(on: HclValue | Namespace, name: string, place: Place): HclValue | Namespace {
  if (on.kind === "namespace") return on.get(name, place);
  if (on.kind === "map") return entryOf(on, name, place);
  if (on.kind === "unknown") return madeOf({ ...unknown(on.why, place), ...failure(on) }, [on]);
  return failing(`there is no attribute ${name} here`, place);
}

/** `on[key]` */
export function indexed(on: HclValue | Namespace, key: HclValue, place: Place): HclValue | Namespace {
  if (on.kind === "namespace") {
    return key.kind === "text" ? on.get(key.value, place) : unknown("the key is not a fixed text", place);
  }
  if (on.kind === "unknown") return madeOf({ ...unknown(on.why, place), ...failure(on) }, [on, key]);
  if (key.kind === "unknown") return madeOf(unknown(key.why, place), [on, key]);
  if (on.kind === "map") {
    const name = asText(key);
    return name.kind === "text" ? entryOf(on, name.value, place) : failing("the key is no text", place);
  }
  const at = asNumber(key);
  if (on.kind !== "list" || at.kind !== "number") return failing("there is nothing to index here", place);
  const item = on.items[at.value];
  if (on.incomplete !== undefined) return unknown(on.incomplete, place);
  return item === undefined ? failing("the index lies outside the list", place) : passedOn(item, on);
}

function entryOf(on: MapValue, name: string, place: Place): HclValue {
  const entry = on.entries.get(name);
  if (entry !== undefined) return passedOn(entry.value, on);
  return on.incomplete === undefined
    ? failing(`there is no attribute ${name} here`, place)
    : madeOf(unknown(on.incomplete, place), [on]);
}

/** What is taken out of a collection that is sensitive as a whole is sensitive too, and bears its names. */
function passedOn(value: HclValue, from: HclValue): HclValue {
  return from.sensitive === undefined && from.from === undefined ? value : madeOf(value, [from]);
}

function failure(value: Extract<HclValue, { kind: "unknown" }>): { fails?: true } {
  return value.fails === true ? { fails: true } : {};
}
