import type { Judgement } from "../../contracts/verdict.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { notApplicable } from "../judge.ts";

/**
 * For controls over single protections: in a privileged container they are all off at once, which one control
 * reports. Undefined when the container is not privileged, or that is not known and `fact` does not hang on it.
 */
export function offWhenPrivileged(container: Container, fact?: Fact<unknown>): Judgement | undefined {
  if (knownValue(container.privileged) === true) {
    return notApplicable("the container is privileged, which workload.privileged-off reports");
  }
  return container.privileged.kind === "unknown" && fact?.kind === "unknown"
    ? notApplicable("it depends on whether the container is privileged, which workload.privileged-off cannot tell")
    : undefined;
}
