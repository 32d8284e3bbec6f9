import type { AnySubject, RepositoryFile, Route } from "../../../../facts/subjects.ts";
import type { TraefikStatic } from "../../../../formats/traefik/static.ts";
import type { Cluster } from "../cluster.ts";
import { EdgeFinder } from "./edges.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { ingressRoutes } from "./ingresses.ts";
import { RouteMaker } from "./route.ts";
import { publishedPorts, sharedStatic, traefikPodConfigurations, traefikPods } from "./traefik-pods.ts";
import { TraefikObjects, traefikConfiguration, traefikRoutes } from "./traefik-routes.ts";

/** What the readers of routes share. */
export interface RouteSurroundings {
  readonly cluster: Cluster;
  readonly routes: RouteMaker;
  /** The proxies of the cluster that are published. */
  readonly edges: EdgeFinder;
  /** Traefik's own kinds, where the cluster has any. */
  readonly traefik: TraefikObjects | undefined;
  /** What the cluster's Traefik is started with, as far as it is seen. */
  readonly traefikStatic: TraefikStatic;
}

/** Reads the routes of one family of objects. */
export type RouteReader = (surroundings: RouteSurroundings) => readonly Route[];

/**
 * Every family, one line each. Another controller's own kinds (HTTPProxy of projectcontour.io) come here:
 * `routes.routes` makes the subjects, `cluster.services.backend` finds who answers.
 */
const routeReaders: readonly RouteReader[] = [ingressRoutes, gatewayRoutes, traefikRoutes];

/** The ways in through the cluster's proxies. `subjects`: its workloads, containers, images, mounts and listeners. */
export function readRoutes(cluster: Cluster, subjects: readonly AnySubject[]): readonly (Route | RepositoryFile)[] {
  const { context } = cluster;
  const pods = traefikPods(context, subjects);
  const traefikStatic = sharedStatic(pods, { kind: "nowhere", why: "no Traefik is seen" });
  const published = publishedPorts(pods, subjects);
  const traefik = TraefikObjects.of(context, { settings: traefikStatic, published });
  const surroundings = {
    cluster,
    routes: new RouteMaker(cluster),
    edges: new EdgeFinder(subjects),
    traefik,
    traefikStatic,
  };
  return [
    ...routeReaders.flatMap((read) => read(surroundings)),
    ...traefikConfiguration(traefik, context),
    ...traefikPodConfigurations(pods, context),
  ];
}
