import type { Place } from "../../../lib/place.ts";
import { type HclValue, unknown } from "../value/value.ts";

/** A name that holds others and is evaluated one by one: `var`, `local`, `module`, a resource's type. */
export interface Namespace {
  readonly kind: "namespace";
  /** The value of one name in it; a failing one where there is none. */
  get(name: string, place: Place): HclValue | Namespace;
}

/** What a name at the root of a traversal stands for. */
export interface Scope {
  /** Undefined for a name that nothing defines. */
  lookup(name: string): HclValue | Namespace | undefined;
}

/** A scope with names of its own before those of another. */
export function withNames(outer: Scope, names: ReadonlyMap<string, HclValue | Namespace>): Scope {
  return { lookup: (name) => names.get(name) ?? outer.lookup(name) };
}

/** The scope of a template that is given its variables: nothing else is seen in it. */
export function namesOnly(names: ReadonlyMap<string, HclValue | Namespace>): Scope {
  return { lookup: (name) => names.get(name) };
}

/** A namespace stands for no value by itself. */
export function asValue(bound: HclValue | Namespace, place: Place): HclValue {
  return bound.kind === "namespace" ? unknown("it names a group of values and no single one", place) : bound;
}
