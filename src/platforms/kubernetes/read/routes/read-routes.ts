import type { AnySubject, Route } from "../../../../facts/subjects.ts";
import type { Cluster } from "../cluster.ts";
import { EdgeFinder } from "./edges.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { ingressRoutes } from "./ingresses.ts";
import { RouteMaker } from "./route.ts";

/** Reads the routes of one family of objects. `edges` knows the proxies of the cluster that are published. */
export type RouteReader = (cluster: Cluster, routes: RouteMaker, edges: EdgeFinder) => readonly Route[];

/**
 * Every family, one line each. A controller's own kinds (IngressRoute and Middleware of traefik.io, HTTPProxy of
 * projectcontour.io) come here: `routes.routes` makes the subjects, `cluster.services.backend` finds who answers.
 */
const routeReaders: readonly RouteReader[] = [ingressRoutes, gatewayRoutes];

/** The ways in through the cluster's proxies. `subjects`: its workloads, containers, images and listeners. */
export function readRoutes(cluster: Cluster, subjects: readonly AnySubject[]): readonly Route[] {
  const routes = new RouteMaker(cluster);
  const edges = new EdgeFinder(subjects);
  return routeReaders.flatMap((read) => read(cluster, routes, edges));
}
