import type { Judgement } from "../../contracts/verdict.ts";
import type { ServiceHook } from "../../facts/extensions.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** The commands that Compose runs in a container beside its program. */
export function hooksOf(container: Container, system: System): readonly ServiceHook[] {
  return system.workloadOf(container)?.compose?.hooks ?? [];
}

/** What is found of each hook; what holds of one says nothing of the container. */
export function judgeHooks(
  container: Container,
  system: System,
  judge: (hook: ServiceHook) => Judgement | readonly Judgement[],
): readonly Judgement[] {
  return hooksOf(container, system)
    .flatMap(judge)
    .filter(({ verdict }) => verdict !== "pass");
}
