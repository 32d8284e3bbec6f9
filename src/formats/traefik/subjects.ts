import { knownValue } from "../../facts/fact.ts";
import type { Ref, Route } from "../../facts/subjects.ts";
import type { Asking, Lead } from "../config-format.ts";
import { withWorkloads } from "../proxy/delegation.ts";
import { addressesOf, targetsOf } from "../proxy/proxy-route.ts";
import type { TraefikRoute } from "./routes.ts";

/** What subjects are named after, and how addresses are looked up. */
export interface RouteSurroundings extends Asking {
  readonly edge: Ref<"workload"> | undefined;
}

/**
 * Routes as subjects. One that a container's labels ask for is named after the container (`web/example.org/api`), others
 * after the proxy, or the router where no proxy is seen.
 */
export function routeSubjectsOf(routes: readonly TraefikRoute[], around: RouteSurroundings): readonly Route[] {
  const { system, lens, platform, edge } = around;
  return routes.flatMap((route) => {
    const { upstreams, name, whole, isOwnApi: _, delegation, ...facts } = route;
    const host = knownValue(route.host);
    const shown = host === undefined ? name : `${host}${pathShown(route)}`;
    return targetsOf({ upstreams }, around).map(
      (target): Route => ({
        kind: "route",
        ref: { kind: "route", system, name: `${(route.owner ?? edge)?.name ?? "traefik"}/${shown}` },
        lens,
        platform,
        ...facts,
        ...(delegation === undefined ? {} : { delegation: withWorkloads(delegation, around) }),
        ...(whole ? { whole } : {}),
        edge,
        target,
      }),
    );
  });
}

/** The same routes for systems that each look the names up. */
export function routeLeadsOf(routes: readonly TraefikRoute[], edge: Ref<"workload"> | undefined): readonly Lead[] {
  return routes.map((route) => ({
    addresses: addressesOf(route),
    routesIn: (asking) => routeSubjectsOf([route], { ...asking, edge }),
  }));
}

/** Labels have always been shown with their path, also where it is the default. */
function pathShown({ path, owner }: TraefikRoute): string {
  const known = knownValue(path) ?? "";
  return owner === undefined && known === "/" ? "" : known;
}
