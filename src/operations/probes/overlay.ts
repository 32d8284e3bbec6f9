import type { Measurement } from "../../contracts/probe.ts";
import { knownValue } from "../../facts/fact.ts";
import { type AnySubject, refKey } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";

/**
 * What the engine tells, with what probes measured laid over it: a measured field replaces the engine's word for it, and
 * measured subjects replace those of the same ref. Everything in it is under the lens `measured`.
 */
export function overlay(observed: System, measurement: Measurement): System {
  const measured = new Set(measurement.subjects.map((subject) => refKey(subject.ref)));
  const files = new Set(measurement.subjects.flatMap(secretFile));
  const kept = observed.subjects.filter(
    (subject) => !measured.has(refKey(subject.ref)) && !secretFile(subject).some((file) => files.has(file)),
  );
  const subjects = kept.map(
    (subject): AnySubject => ({ ...subject, lens: "measured", ...measurement.overrides.get(refKey(subject.ref)) }),
  );
  return new System({
    name: observed.name,
    lens: "measured",
    platform: observed.platform,
    subjects: [...subjects, ...measurement.subjects],
    problems: observed.problems,
  });
}

/** A variable that names the file of a secret, and the file under the secret's own name, are one delivery. */
function secretFile(subject: AnySubject): readonly string[] {
  if (subject.kind !== "secret-reference" || knownValue(subject.delivery) !== "file") return [];
  const target = knownValue(subject.target);
  return target === undefined ? [] : [`${refKey(subject.owner)} ${target}`];
}
