import type { Place } from "../lib/place.ts";

/** Who gave a value that the author did not write. */
export type DefaultedBy = "platform" | "image" | "program" | "component" | "namespace" | "engine";

/**
 * One thing known, or not known, of a subject, with where it was learnt.
 *
 * `stated`: the author wrote it. `defaulted`: nobody wrote it, and the platform, the image, the program whose file it is, the component, the
 * namespace or the engine's own configuration gives this value. `unstated`: nobody wrote it and nothing is known to give it (place: the nearest parent).
 * `unknown`: it is written but cannot be resolved here, or permission hides it; never to be taken for absent.
 */
export type Fact<T> =
  | { readonly kind: "stated"; readonly value: T; readonly place: Place }
  | { readonly kind: "defaulted"; readonly value: T; readonly by: DefaultedBy; readonly place: Place }
  | { readonly kind: "unstated"; readonly place: Place }
  | { readonly kind: "unknown"; readonly why: string; readonly place: Place };

/**
 * A list of which it is known whether it is whole. When `complete` is false, `why` says what is missing
 * (an `env_file` outside the root, an include that cannot be read), and no prohibition over it can pass.
 */
export type FactList<T> =
  | { readonly items: readonly T[]; readonly complete: true; readonly place: Place }
  | { readonly items: readonly T[]; readonly complete: false; readonly why: string; readonly place: Place };

export function stated<T>(value: T, place: Place): Fact<T> {
  return { kind: "stated", value, place };
}

export function defaulted<T>(value: T, by: DefaultedBy, place: Place): Fact<T> {
  return { kind: "defaulted", value, by, place };
}

export function unstated<T>(place: Place): Fact<T> {
  return { kind: "unstated", place };
}

export function unknown<T>(why: string, place: Place): Fact<T> {
  return { kind: "unknown", why, place };
}

/** A whole list. */
export function complete<T>(items: readonly T[], place: Place): FactList<T> {
  return { items, complete: true, place };
}

/** A list that may lack members; `why` is a clause such as "`prod.env` lies outside the folder". */
export function incomplete<T>(items: readonly T[], why: string, place: Place): FactList<T> {
  return { items, complete: false, why, place };
}

/** The value when there is one, otherwise undefined. For texts and ranking; controls use `demand` and `forbid`. */
export function knownValue<T>(fact: Fact<T>): T | undefined {
  return fact.kind === "stated" || fact.kind === "defaulted" ? fact.value : undefined;
}

/** Why the first of some facts that is not known is not; undefined where there is none. */
export function whyUnknown(facts: readonly Fact<unknown>[]): string | undefined {
  for (const fact of facts) if (fact.kind === "unknown") return fact.why;
  return undefined;
}

/** Applies a function to the value and keeps kind and place. */
export function mapFact<T, U>(fact: Fact<T>, change: (value: T) => U): Fact<U> {
  switch (fact.kind) {
    case "stated":
      return { ...fact, value: change(fact.value) };
    case "defaulted":
      return { ...fact, value: change(fact.value) };
    default:
      return fact;
  }
}
