import type { SwarmStack } from "../../facts/extensions.ts";
import type { Container, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What is known of the stack of a Swarm that a container belongs to; undefined for one that plain Compose starts. */
export function swarmOf(subject: Container | Workload, system: System): SwarmStack | undefined {
  const workload = subject.kind === "container" ? system.workloadOf(subject) : subject;
  return workload?.compose?.swarm;
}
