import { complete, type FactList, incomplete, knownValue, unstated } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import { members } from "./scalars.ts";

export interface Sysctl {
  readonly name: string;
  readonly value: string;
  readonly place: Place;
}

/** A pod's kernel settings. One of which the name, or where that matters the value, cannot be told makes them incomplete. */
export function sysctlsIn(spec: Fields, needsValue: boolean): FactList<Sysctl> {
  const list = members(spec.fields("securityContext"), "sysctls");
  let why = list.complete ? undefined : list.why;
  const items = list.items.flatMap((sysctl) => {
    const name = sysctl.fact("name", asText, "a text", unstated);
    const value = sysctl.fact("value", asText, "a text", unstated);
    const unclear = [name, ...(needsValue ? [value] : [])].find(({ kind }) => kind === "unknown");
    if (unclear?.kind === "unknown") why ??= unclear.why;
    const known = knownValue(name);
    if (known === undefined || unclear !== undefined) return [];
    return [{ name: known, value: knownValue(value) ?? "", place: sysctl.place }];
  });
  return why === undefined ? complete(items, list.place) : incomplete(items, why, list.place);
}
