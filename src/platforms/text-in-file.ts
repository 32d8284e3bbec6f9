import type { AnySubject } from "../facts/subjects.ts";
import type { ConfigFacts } from "../formats/config-format.ts";
import type { Place } from "../lib/place.ts";
import { withPlaces } from "./with-places.ts";

/** The facts of a text that stands inside of a file, told at its places in that file and named after both. */
export function inFile(facts: ConfigFacts, name: string, placeOf: (place: Place) => Place): ConfigFacts {
  const subjects = facts.subjects.map(
    (subject): AnySubject =>
      subject.kind === "repository-file" ? { ...subject, ref: { ...subject.ref, name }, isPart: true } : subject,
  );
  return { ...facts, subjects: withPlaces(subjects, placeOf), problems: withPlaces(facts.problems, placeOf) };
}
