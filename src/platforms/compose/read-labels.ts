import type { Fact } from "../../facts/fact.ts";
import type { Label } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";

/** A label below a prefix: the rest of its name split at the dots, as written and in lower case. */
export interface SettingLabel {
  readonly parts: readonly string[];
  readonly value: Fact<string>;
  readonly place: Place;
}

/** The labels whose names start with a prefix (lower case, dots at its end), compared without regard to case. */
export function labelsBelow(labels: readonly Label[], prefix: string): readonly SettingLabel[] {
  return labels.flatMap((label) =>
    label.name.toLowerCase().startsWith(prefix)
      ? [{ parts: label.name.slice(prefix.length).split("."), value: label.value, place: label.place }]
      : [],
  );
}

/** The settings of one thing: what stands behind its name, by option in lower case (`tls.certresolver`). */
export type Settings = ReadonlyMap<string, SettingLabel>;

/** Groups labels `NAME.option…` by name. */
export function settingsByName(labels: readonly SettingLabel[]): ReadonlyMap<string, Settings> {
  const groups = new Map<string, Map<string, SettingLabel>>();
  for (const label of labels) {
    const [name = "", ...option] = label.parts;
    const group = groups.get(name) ?? new Map<string, SettingLabel>();
    group.set(option.join(".").toLowerCase(), label);
    groups.set(name, group);
  }
  return groups;
}

/** A comma-separated value. */
export function listed(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
