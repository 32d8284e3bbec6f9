import type { ServiceHook } from "../../facts/extensions.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** The commands that Compose runs in a container beside its program. */
export function hooksOf(container: Container, system: System): readonly ServiceHook[] {
  return system.workloadOf(container)?.compose?.hooks ?? [];
}
