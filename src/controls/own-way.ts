import { knownValue } from "../facts/fact.ts";
import { oncePerSystem } from "../facts/once.ts";
import { describePorts, type ReachEdge } from "../facts/reach-edge.ts";
import { type AnySubject, type Listener, type Route, refKey, type Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { Place } from "../lib/place.ts";
import { runsOneProgram } from "./knowledge/one-program.ts";
import { type Situation, stepOf } from "./severity.ts";

const doorsByPlace = oncePerSystem(
  (system): ReadonlyMap<Place, readonly ReachEdge[]> => Map.groupBy(system.reach.doors, ({ place }) => place),
);

/**
 * How a workload stands, told of one part of it: a listener has a door of its own, which is the way to it whatever other
 * ports its workload publishes, and to a route its proxy is the way.
 */
export function situationFor(subject: AnySubject, situation: Situation, system: System): Situation {
  if (situation.exposure !== "published") return situation;
  if (subject.kind === "route") return throughProxy(subject, situation, system);
  return subject.kind === "listener" ? byOwnDoor(subject, situation, system) : situation;
}

/**
 * How a workload stands, told of some of its ports: what leads to the others is no way to what answers there. Where more may
 * run in it than the one program, something that answers on the others may lead on to it.
 */
export function situationAt(
  ports: readonly number[],
  workload: Workload,
  situation: Situation,
  system: System,
): Situation {
  const { exposure, why, inDoubt, limited, byTunnel } = system.reach.exposure(workload, ports);
  const path = system.reach.pathFromOutside(workload.ref, ports).map(stepOf);
  const { inDoubt: _, limited: __, byTunnel: ___, ...others } = situation;
  const isOpen = situation.exposure === "published" || situation.exposure === "proxied";
  if (isOpen && exposure === "internal" && !runsOneProgram(workload, system)) {
    const beside = `what else runs in it may lead to ${describePorts(ports)}: ${situation.exposureWhy}`;
    return { ...others, exposure: "neighbour", exposureWhy: beside, inDoubt: true, path: situation.path };
  }
  const doubt = { ...(inDoubt && { inDoubt }), ...(limited && { limited }), ...(byTunnel && { byTunnel }) };
  return { ...others, ...doubt, exposure, exposureWhy: why, path };
}

/** Who comes by a route comes through its proxy, though the workload behind it may publish ports of its own. */
function throughProxy(route: Route, situation: Situation, system: System): Situation {
  const target = knownValue(route.target)?.workload;
  if (route.edge === undefined || target === undefined || refKey(route.edge) === refKey(target)) return situation;
  const toProxy = system.reach.pathFromOutside(route.edge);
  const last = doorsByPlace(system)
    .get(route.place)
    ?.find(({ to, through }) => through === "route" && to.kind === "workload" && refKey(to.ref) === refKey(target));
  if (toProxy.length === 0 || last === undefined) return situation;
  const { stepsToHost, isProxy } = situation;
  const path = [...toProxy, last].map(stepOf);
  return { exposure: "proxied", exposureWhy: last.allowedBy, path, stepsToHost, ...(isProxy && { isProxy }) };
}

function byOwnDoor(subject: Listener, situation: Situation, system: System): Situation {
  const door = doorOf(subject, system);
  if (door === undefined) return situation;
  const own = stepOf(door);
  const [step, further] = situation.path;
  // Mostly it is the workload's only one, and there may be a hundred thousand findings: one situation for both.
  const isSame = further === undefined && step?.port === own.port && door.allowedBy === situation.exposureWhy;
  if (isSame) return situation;
  const { limited: _, ...others } = situation;
  return { ...others, exposureWhy: door.allowedBy, path: [own], ...(door.limited && { limited: true }) };
}

function doorOf(listener: Listener, system: System): ReachEdge | undefined {
  const known = doorsByPlace(system);
  const owner = refKey(listener.owner);
  const port = knownValue(listener.port) ?? "any";
  return known
    .get(listener.place)
    ?.find(
      ({ from, to, through, port: opened }) =>
        from.kind === "outside" &&
        to.kind === "workload" &&
        refKey(to.ref) === owner &&
        through === "publishing" &&
        opened === port,
    );
}
