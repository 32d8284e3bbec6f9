import type { Place } from "../../../lib/place.ts";
import {
  boolean,
  compareTexts,
  failing,
  type HclValue,
  type ListValue,
  list,
  madeOf,
  number,
  text,
  type UnknownValue,
} from "./value.ts";

/** The text of a value, converted as the language does; a failing value for what has none. */
export function asText(value: HclValue): HclValue {
  switch (value.kind) {
    case "text":
    case "unknown":
    case "null":
      return value;
    case "number":
      return { ...value, kind: "text", value: numberText(value.value) };
    case "boolean":
      return { ...value, kind: "text", value: String(value.value) };
    default:
      return failing("a text is wanted where there is a collection", value.place);
  }
}

/** A number as the language writes it: without an exponent. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (Math.abs(value) >= 1e21) return BigInt(value).toString();
  const written = String(value);
  if (!written.includes("e")) return written;
  return value.toFixed(Math.min(100, Number(written.slice(written.indexOf("e-") + 2)) + 17)).replace(/0+$/, "");
}

const decimal = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export function asNumber(value: HclValue): HclValue {
  if (value.kind === "number" || value.kind === "unknown" || value.kind === "null") return value;
  if (value.kind === "text" && value.value.length < 400 && decimal.test(value.value)) {
    return madeOf(number(Number(value.value), value.place), [value]);
  }
  return failing("a number is wanted", value.place);
}

export function asBoolean(value: HclValue): HclValue {
  if (value.kind === "boolean" || value.kind === "unknown" || value.kind === "null") return value;
  if (value.kind === "text" && (value.value === "true" || value.value === "false")) {
    return madeOf(boolean(value.value === "true", value.place), [value]);
  }
  return failing("true or false is wanted", value.place);
}

/** A list of what a value holds: the items of a list, nothing else. */
export function asList(value: HclValue): ListValue | UnknownValue {
  if (value.kind === "list") return value.set ? { ...value, set: false } : value;
  if (value.kind === "unknown") return value;
  return failing("a list is wanted", value.place);
}

/** A set: distinct items, texts in their order. An item that is unknown keeps it incomplete. */
export function asSet(value: HclValue): ListValue | UnknownValue {
  if (value.kind !== "list") return value.kind === "unknown" ? value : failing("a list is wanted", value.place);
  if (value.set) return value;
  const kept: HclValue[] = [];
  const seen = new Set<string>();
  for (const item of unified(value.items)) {
    const key = itemKey(item);
    if (key !== undefined && seen.has(key)) continue;
    if (key !== undefined) seen.add(key);
    kept.push(item);
  }
  kept.sort(compareItems);
  return { ...value, items: kept, set: true };
}

/** Texts, numbers and booleans beside one another become what all of them can be. */
export function unified(items: readonly HclValue[]): readonly HclValue[] {
  const kinds = new Set(items.map((item) => item.kind));
  kinds.delete("unknown");
  kinds.delete("null");
  if (kinds.size < 2 || kinds.has("list") || kinds.has("map") || !kinds.has("text")) return items;
  return items.map(asText);
}

/** One key for equal scalars; undefined for what cannot be compared so. */
function itemKey(item: HclValue): string | undefined {
  switch (item.kind) {
    case "text":
      return `t${item.value}`;
    case "number":
      return `n${item.value}`;
    case "boolean":
      return `b${item.value}`;
    case "null":
      return "null";
    default:
      return undefined;
  }
}

function compareItems(a: HclValue, b: HclValue): number {
  if (a.kind === "text" && b.kind === "text") return compareTexts(a.value, b.value);
  if (a.kind === "number" && b.kind === "number") return a.value - b.value;
  if (a.kind === "boolean" && b.kind === "boolean") return Number(a.value) - Number(b.value);
  return 0;
}

/** A list of texts as one value. */
export function textList(items: readonly string[], place: Place): ListValue {
  return list(
    items.map((item) => text(item, place)),
    place,
  );
}
