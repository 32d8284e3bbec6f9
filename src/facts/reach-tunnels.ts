import { knownValue } from "./fact.ts";
import { tunnelOf } from "./knowledge/tunnels.ts";
import { everyPortFromOutside, type ReachEdge } from "./reach-edge.ts";
import { refKey, type Workload } from "./subjects.ts";
import type { System } from "./system.ts";

/** Where a tunnel leads is told by its routes; one without any is led from outside, and may lead to each of its networks. */
export function tunnelEdges(system: System): ReachEdge[] {
  const relayed = new Map<string, string>();
  for (const { relay, edge, audience } of system.all("route")) {
    if (relay === undefined || edge === undefined) continue;
    // Of two by which visitors come the one counts that lets more of them in.
    const key = refKey(edge);
    if (knownValue(audience)?.kind !== "networks" || !relayed.has(key)) relayed.set(key, relay);
  }
  return system.all("workload").flatMap((workload): ReachEdge[] => {
    const relay = relayed.size === 0 ? undefined : relayed.get(refKey(workload.ref));
    const tunnel = relay === undefined ? tunnelOf(workload, system) : { what: `is the end of a tunnel from ${relay}` };
    if (tunnel === undefined || (tunnel.ownNamespace === true && !sharesNamespace(workload, system))) return [];
    const where = relay === undefined ? "; where that leads is not in these files" : "";
    const allowedBy = `it ${tunnel.what}, by which visitors come in${where}`;
    return [everyPortFromOutside(workload.ref, { through: "tunnel", allowedBy, place: workload.place, certain: true })];
  });
}

/** Whether another is in a workload's network namespace, or it in another's. */
function sharesNamespace(workload: Workload, system: System): boolean {
  if (knownValue(workload.networkMode)?.kind === "shared") return true;
  return system.all("workload").some(({ networkMode }) => {
    const mode = knownValue(networkMode);
    return mode?.kind === "shared" && mode.with === workload.ref.name;
  });
}
