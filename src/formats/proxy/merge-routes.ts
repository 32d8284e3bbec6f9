import { knownValue } from "../../facts/fact.ts";
import { factsKey, type ProxyRoute } from "./proxy-route.ts";

/**
 * Ways of one host that differ in nothing but their path are one route with the widest path: `/api` and `/ws` of the
 * application that answers `/` too. Files that a proxy serves beside an application, under the same terms, make none.
 */
export function mergeRoutes(routes: readonly ProxyRoute[]): readonly ProxyRoute[] {
  if (routes.length < 2) return routes;
  const groups = Map.groupBy(routes, factsKey);
  return [...groups.values()].flatMap((alike) => {
    const leading = alike.filter(({ upstreams }) => upstreams.some(({ kind }) => kind !== "files"));
    const kept = leading.length > 0 ? leading : alike.slice(0, 1);
    return [...Map.groupBy(kept, upstreamKey).values()].flatMap(widest);
  });
}

function upstreamKey({ upstreams }: ProxyRoute): string {
  return JSON.stringify(upstreams.map((one) => (one.kind === "address" ? `${one.host}:${one.port}` : one.kind)));
}

/** The one with the path `/` where there is one; else each path once. */
function widest(routes: readonly ProxyRoute[]): readonly ProxyRoute[] {
  const whole = routes.find(({ path }) => knownValue(path) === "/");
  if (whole !== undefined) return [whole];
  return [...new Map(routes.map((route) => [knownValue(route.path) ?? "?", route] as const)).values()];
}
