import { type Fact, unknown, unstated } from "../facts/fact.ts";
import type { Sensitive } from "../facts/sensitive.ts";
import type { Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";

/** A variable as the program in one of a workload's containers sees it, the first unless it is named; `unstated` where it is not set. */
export function environmentVariable(
  name: string,
  owner: Workload,
  system: System,
  containerName?: string,
): Fact<Sensitive> {
  const containers = system.containersOf(owner);
  const container = containers.find(({ ref }) => ref.name === containerName) ?? containers[0];
  if (container === undefined) return unknown("its container is not described", owner.place);
  const { environment } = container;
  const found = environment.items.findLast((variable) => variable.name === name);
  if (found !== undefined) {
    return found.value.kind === "unstated"
      ? unknown(`\`${name}\` comes from where the service is started`, found.place)
      : found.value;
  }
  return environment.complete ? unstated(environment.place) : unknown(environment.why, environment.place);
}
