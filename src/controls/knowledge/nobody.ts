import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** `nonroot` of distroless images and those after it, `nobody` among them: no host gives these to a person or a program. */
const firstOfNobody = 65_532;

/**
 * Whether a program is nobody to what it sees of the host: of processes and files only what everybody may read is open to
 * it, and the engine's socket is not. Known of a stated user, and of node-exporter, whose image runs as `nobody` and whose
 * manual mounts `/` and shares `pid` (prometheus/node_exporter 1.9, Dockerfile and README).
 */
export function isNobodyToHost(container: Container, system: System): boolean {
  const { user, addedCapabilities, supplementaryGroups, privileged } = container;
  const given = [addedCapabilities, supplementaryGroups];
  if (!given.every((list) => list.complete && list.items.length === 0)) return false;
  if (privileged.kind === "unknown" || knownValue(privileged) === true) return false;
  if (user.kind === "unstated") return rolesOf(container, system).software.includes("node-exporter");
  const known = knownValue(user);
  return known?.name === "nobody" || (known?.uid ?? 0) >= firstOfNobody;
}
