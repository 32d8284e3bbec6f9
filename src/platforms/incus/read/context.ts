import type { IncusInstanceKind } from "../../../facts/extensions-incus.ts";
import { type Fact, knownValue, stated, unknown } from "../../../facts/fact.ts";
import type { Lens, Ref, SubjectKind } from "../../../facts/subjects.ts";
import type { Fields } from "../../../formats/fields.ts";
import type { Place } from "../../../lib/place.ts";
import { type Composition, compose } from "../load/composition.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { instanceKindOf } from "./instance-kind.ts";

/** What every reader of one configuration's objects needs. */
export interface IncusContext {
  readonly system: string;
  readonly lens: Lens;
  readonly objects: IncusObjects;
  readonly instances: readonly InstanceContext[];
}

/** One instance with its profiles laid under it. */
export interface InstanceContext {
  readonly system: string;
  readonly lens: Lens;
  readonly objects: IncusObjects;
  readonly object: IncusObject;
  /** What it is called in this system: its own name, or the resource's address where that cannot be told. */
  readonly name: string;
  readonly composition: Composition;
  readonly config: Fields;
  readonly kind: Fact<IncusInstanceKind>;
  readonly place: Place;
}

export function contextOf(objects: IncusObjects, system: string, lens: Lens): IncusContext {
  const taken = new Map<string, number>();
  const instances = objects.all("instance").map((object): InstanceContext => {
    const own = knownValue(object.name) ?? object.resource.address;
    const count = (taken.get(own) ?? 0) + 1;
    taken.set(own, count);
    const name = count === 1 ? own : `${own} (${object.resource.address})`;
    const composition = compose(object, objects);
    const { place } = object.resource;
    const kind = instanceKindOf(object, composition.config, objects);
    return { system, lens, objects, object, name, composition, config: composition.config, kind, place };
  });
  return { system, lens, objects, instances };
}

export function refOf<K extends SubjectKind>(kind: K, system: string, name: string): Ref<K> {
  return { kind, system, name };
}

/** A fact that only containers have: what a virtual machine does inside is its own. */
export function isVm({ kind }: InstanceContext): boolean {
  return knownValue(kind) === "vm";
}

/** A fact of what is known of another. */
export function following<T, U>(fact: Fact<T>, value: (known: T) => U, otherwise: () => Fact<U>): Fact<U> {
  switch (fact.kind) {
    case "stated":
      return stated(value(fact.value), fact.place);
    case "unknown":
      return unknown(fact.why, fact.place);
    default:
      return otherwise();
  }
}
