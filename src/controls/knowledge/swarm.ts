import type { Judgement } from "../../contracts/verdict.ts";
import type { SwarmStack } from "../../facts/extensions.ts";
import type { Container, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What is known of the stack of a Swarm that a container belongs to; undefined for one that plain Compose starts. */
export function swarmOf(subject: Container | Workload, system: System): SwarmStack | undefined {
  const workload = subject.kind === "container" ? system.workloadOf(subject) : subject;
  return workload?.compose?.swarm;
}

/** A failed judgement with what mends it in a stack, which `docker stack deploy` takes: it ignores and refuses other keys. */
export function mendedInSwarm(judgement: Judgement, swarm: SwarmStack | undefined, remedy: string): Judgement {
  return swarm === undefined || judgement.verdict !== "fail" ? judgement : { ...judgement, remedy };
}
