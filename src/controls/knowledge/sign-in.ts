import { knownValue } from "../../facts/fact.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Route, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What stands before a service at least: nothing that is known, a sign-in, a sign-in with a second factor. */
export type Guard = "none" | "sign-in" | "two-factor";

/** What a proxy demands of whoever comes by a route, itself or by asking another service. */
export function guardOf({ authentication }: Route): Guard {
  switch (knownValue(authentication)) {
    case "two-factor":
      return "two-factor";
    case "single-factor":
    case "delegated":
      return "sign-in";
    default:
      return "none";
  }
}

/** The least that any route to a workload demands, or to these ports of it; `none` where no route leads there. */
export function guardBefore(workload: Workload, system: System, ports?: readonly number[]): Guard {
  const routes = routesTo(workload, system).filter((route) => {
    const port = portOf(route);
    return ports === undefined || port === undefined || ports.includes(port);
  });
  const guards = routes.map(guardOf);
  if (guards.length === 0 || guards.includes("none")) return "none";
  return guards.includes("sign-in") ? "sign-in" : "two-factor";
}

/** The port that a route is said to lead to; undefined where nobody says it, and the proxy asks the image. */
export function portOf({ target }: Route): number | undefined {
  return target.kind === "stated" ? target.value.port : undefined;
}

export function routesTo(workload: Workload, system: System): readonly Route[] {
  return routesByWorkload(system).get(workload) ?? [];
}

const routesByWorkload = oncePerSystem((system) =>
  Map.groupBy(system.all("route"), (route) => system.workloadOf(route)),
);

/** What those say whom the proxy asks, as the end of a sentence; nothing where it asks none. */
export function saidBy({ delegation }: Route): string {
  return delegation?.says === undefined ? "" : `: ${delegation.says}`;
}
