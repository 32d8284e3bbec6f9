import type { System } from "./system.ts";

/** What keeps things that were worked out of it. */
export interface Remembering {
  readonly memos: Map<unknown, unknown>;
}

/**
 * Works something out of an owner once, for all who ask. It is kept in the owner and goes with it. A `WeakMap` beside it
 * would hold what it keeps until the next full garbage collection, of which a run over a thousand systems has few: V8's
 * collections of young objects take the values of an older table for alive.
 */
export function oncePer<O extends Remembering, T>(make: (owner: O) => T): (owner: O) => T {
  return (owner) => {
    const { memos } = owner;
    const known = memos.get(make) as T | undefined;
    if (known !== undefined || memos.has(make)) return known as T;
    const made = make(owner);
    memos.set(make, made);
    return made;
  };
}

/** The same of a system. */
export function oncePerSystem<T>(make: (system: System) => T): (system: System) => T {
  return oncePer(make);
}

/** The same for each key, such as a workload, within a system. What is worked out is never undefined. */
export function oncePerKey<K, T extends string | object>(
  make: (key: K, system: System) => T,
): (key: K, system: System) => T {
  const ofSystem = oncePerSystem(() => new Map<K, T>());
  return (key, system) => {
    const made = ofSystem(system);
    const known = made.get(key);
    if (known !== undefined) return known;
    const answer = make(key, system);
    made.set(key, answer);
    return answer;
  };
}
