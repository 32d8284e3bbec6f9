/**
 * What an expression comes to, as far as it can be told from files alone. A value remembers where it was written, whether
 * it is sensitive, and which variables went into it; what cannot be told says why.
 */
import type { Place, Source } from "../../../lib/place.ts";

/** What every value carries. */
export interface Origin {
  /** Where it was written: the literal itself, or the expression that made it of others. */
  readonly place: Place;
  /** Whether it was made of something that is declared sensitive. */
  readonly sensitive?: true;
  /** The variables and attributes that went into it: `var.token`, `random_password.admin.result`. */
  readonly from?: readonly string[];
  /** Of a text that is the content of a file, or was made of one as a template: that file. */
  readonly file?: Source;
}

export interface TextValue extends Origin {
  readonly kind: "text";
  readonly value: string;
}

export interface NumberValue extends Origin {
  readonly kind: "number";
  readonly value: number;
}

export interface BooleanValue extends Origin {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface NullValue extends Origin {
  readonly kind: "null";
}

/** A list, tuple or set; the items of a set are sorted and distinct. */
export interface ListValue extends Origin {
  readonly kind: "list";
  readonly set: boolean;
  readonly items: readonly HclValue[];
  /** Why items may be missing; absent when it is whole. */
  readonly incomplete?: string;
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly value: HclValue;
}

/** A map or object. */
export interface MapValue extends Origin {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
  /** Why entries may be missing; absent when it is whole. */
  readonly incomplete?: string;
}

export interface UnknownValue extends Origin {
  readonly kind: "unknown";
  /** A clause: `var.tag has no value in these files`. */
  readonly why: string;
  /** For a text of which parts are known: the text, with the source of what is not in `${…}`. */
  readonly partial?: string;
  /** Whether the program would stop with an error here: what `try` goes past. */
  readonly fails?: true;
}

export type ScalarHclValue = TextValue | NumberValue | BooleanValue | NullValue;
export type HclValue = ScalarHclValue | ListValue | MapValue | UnknownValue;

export function text(value: string, place: Place): TextValue {
  return { kind: "text", value, place };
}

export function number(value: number, place: Place): NumberValue {
  return { kind: "number", value, place };
}

export function boolean(value: boolean, place: Place): BooleanValue {
  return { kind: "boolean", value, place };
}

export function list(items: readonly HclValue[], place: Place, incomplete?: string): ListValue {
  const value: ListValue = { kind: "list", set: false, items, place };
  return incomplete === undefined ? value : { ...value, incomplete };
}

export function map(entries: ReadonlyMap<string, MapEntry>, place: Place, incomplete?: string): MapValue {
  const value: MapValue = { kind: "map", entries, place };
  return incomplete === undefined ? value : { ...value, incomplete };
}

/** What cannot be told here. */
export function unknown(why: string, place: Place): UnknownValue {
  return { kind: "unknown", why, place };
}

/** What the program itself would refuse. */
export function failing(why: string, place: Place): UnknownValue {
  return { kind: "unknown", why, place, fails: true };
}

/** Names kept of one value; more tell a reader nothing. */
const mostNames = 8;

/** The value with what others that went into it pass on: sensitivity and names. */
export function madeOf<V extends HclValue>(value: V, sources: readonly HclValue[]): V {
  let from = value.from;
  let sensitive = value.sensitive;
  for (const source of sources) {
    if (source.sensitive) sensitive = true;
    if (source.from !== undefined && source.from !== from) {
      from = from === undefined ? source.from : [...new Set([...from, ...source.from])].slice(0, mostNames);
    }
  }
  if (from === value.from && sensitive === value.sensitive) return value;
  const made = from === undefined ? value : { ...value, from };
  return sensitive === undefined ? made : { ...made, sensitive };
}

/** The entries in the order in which the program goes through them. */
export function sortedEntries(value: MapValue): readonly (readonly [string, MapEntry])[] {
  return [...value.entries].sort(([a], [b]) => compareTexts(a, b));
}

/** By code points, as Go compares strings of UTF-8. */
export function compareTexts(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    if (one !== other) return isSurrogate(one) === isSurrogate(other) ? one - other : isSurrogate(one) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}
