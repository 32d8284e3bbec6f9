import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { notApplicable } from "../judge.ts";

/**
 * For controls over single protections: in a privileged container they are all off at once, which one control
 * reports. Undefined when the container is not privileged or that is not known.
 */
export function offWhenPrivileged(container: Container): Judgement | undefined {
  return knownValue(container.privileged) === true
    ? notApplicable("the container is privileged, which workload.privileged-off reports")
    : undefined;
}
