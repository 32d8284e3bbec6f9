import { knownValue } from "./fact.ts";
import type { ReachEdge } from "./reach-edge.ts";
import { type Route, refKey } from "./subjects.ts";
import type { System } from "./system.ts";

/** Of two routes to one workload the one that asks nobody who comes is told before the one that does: it is the way in. */
export function routeEdges(system: System): ReachEdge[] {
  const routes = system.all("route");
  const { open = [], asked = [] } = Object.groupBy(routes, (route) => (isGuarded(route) ? "asked" : "open"));
  const guarded = new Set(asked.map(doorOf));
  return [...open, ...asked].flatMap((route): ReachEdge[] => {
    const known = knownValue(route.target);
    const target = known ?? (route.owner === undefined ? undefined : { workload: route.owner, port: "any" as const });
    if (target === undefined || isForTailnet(route)) return [];
    const host = whereRouted(route, guarded);
    return [
      {
        from: route.edge === undefined ? { kind: "outside" } : { kind: "workload", ref: route.edge },
        to: { kind: "workload", ref: target.workload },
        port: target.port,
        // Where nobody names it the proxy asks the image, whose ports are not all known.
        ...(route.target.kind === "defaulted" ? { ports: "any" as const } : {}),
        protocol: "tcp",
        through: "route",
        allowedBy: `${host} is routed to it`,
        place: route.place,
        certain: known !== undefined,
      },
    ];
  });
}

/** Where the end of a tunnel is not among the workloads, only one's own devices come by it as long as nothing opens it to all. */
function isForTailnet({ relay, edge, audience }: Route): boolean {
  return relay === "Tailscale" && edge === undefined && knownValue(audience)?.kind === "networks";
}

/** Whether a sign-in stands before a route for certain. */
function isGuarded({ authentication, delegation }: Route): boolean {
  const known = knownValue(authentication);
  return known === undefined ? delegation?.says !== undefined : known !== "none";
}

/** What routes of one host to one workload have in common. */
function doorOf({ host, target, owner }: Route): string {
  const to = knownValue(target)?.workload ?? owner;
  return `${knownValue(host) ?? ""} ${to === undefined ? "" : refKey(to)}`;
}

/** The host name, with who is asked; with the path where that is a way past a sign-in on others of its paths. */
function whereRouted(route: Route, guarded: ReadonlySet<string>): string {
  const name = knownValue(route.host) ?? "a host name";
  const says = route.delegation?.says;
  if (says !== undefined) return `${name}, where ${says},`;
  const path = knownValue(route.path);
  if (path?.startsWith("/") !== true || isGuarded(route) || !guarded.has(doorOf(route))) return name;
  const why = knownValue(route.authentication) === "none" ? "nobody is asked who comes" : "no sign-in is seen";
  return `${name}${path}, where ${why},`;
}
