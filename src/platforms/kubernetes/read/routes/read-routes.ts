import type { AnySubject, RepositoryFile, Route } from "../../../../facts/subjects.ts";
import { Registry } from "../../../../formats/traefik/registry.ts";
import type { TraefikStatic } from "../../../../formats/traefik/static.ts";
import { unseenBy } from "../../../../formats/traefik/traefik-format.ts";
import type { Cluster } from "../cluster.ts";
import { Additions } from "./additions.ts";
import { contourRoutes } from "./contour-routes.ts";
import { EdgeFinder } from "./edges.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { ingressRoutes } from "./ingresses.ts";
import { istioRoutes } from "./istio-routes.ts";
import { nginxChartConfigurations } from "./nginx-chart-config.ts";
import { RouteMaker } from "./route.ts";
import {
  traefikChartConfigurations,
  traefikChartPorts,
  traefikChartStatic,
  traefikCharts,
} from "./traefik-chart-config.ts";
import { traefikChartRoutes } from "./traefik-chart-routes.ts";
import { sharedFiles } from "./traefik-pod-files.ts";
import { publishedPorts, sharedStatic, traefikPodConfigurations, traefikPods } from "./traefik-pods.ts";
import { TraefikObjects, traefikConfiguration, traefikRoutes } from "./traefik-routes.ts";

/** What the readers of routes share. */
export interface RouteSurroundings {
  readonly cluster: Cluster;
  readonly routes: RouteMaker;
  /** The proxies of the cluster that are published. */
  readonly edges: EdgeFinder;
  readonly additions: Additions;
  /** Traefik's own kinds, where the cluster has any. */
  readonly traefik: TraefikObjects | undefined;
  /** What may be named where Traefik's middlewares are; undefined where nothing defines any. */
  readonly definitions: Registry | undefined;
  /** What the cluster's Traefik is started with, as far as it is seen. */
  readonly traefikStatic: TraefikStatic;
}

/** Reads the routes of one family of objects. */
export type RouteReader = (surroundings: RouteSurroundings) => readonly Route[];

/**
 * Every family, one line each. Another controller's own kinds (Mapping of getambassador.io) come here:
 * `routes.routes` makes the subjects, `cluster.services.backend` finds who answers.
 */
const routeReaders: readonly RouteReader[] = [ingressRoutes, gatewayRoutes, traefikRoutes, contourRoutes, istioRoutes];

/** The ways in through the cluster's proxies. `subjects`: its workloads, containers, images, mounts and listeners. */
export function readRoutes(cluster: Cluster, subjects: readonly AnySubject[]): readonly (Route | RepositoryFile)[] {
  const { context } = cluster;
  const pods = traefikPods(context, subjects);
  const charts = traefikCharts(context);
  const ofChart = pods.length === 0 ? traefikChartStatic(charts) : undefined;
  const traefikStatic = ofChart?.outer ?? sharedStatic(pods, { kind: "nowhere", why: "no Traefik is seen" });
  const published = ofChart === undefined ? publishedPorts(pods, subjects) : traefikChartPorts(charts);
  const made = traefikChartRoutes(charts);
  const files = sharedFiles(pods, subjects, context);
  const traefik = TraefikObjects.of(context, { settings: ofChart?.whole ?? traefikStatic, published, files }, made);
  const surroundings = {
    cluster,
    routes: new RouteMaker(cluster),
    edges: new EdgeFinder(subjects),
    additions: new Additions(context, subjects),
    traefik,
    definitions:
      traefik?.cluster.registry ?? (files.read.length === 0 ? undefined : new Registry(files.sources, unseenBy(files))),
    traefikStatic,
  };
  return [
    ...routeReaders.flatMap((read) => read(surroundings)),
    ...traefikConfiguration(traefik, context),
    ...traefikPodConfigurations(pods, context),
    ...traefikChartConfigurations(charts, context),
    ...nginxChartConfigurations(context),
  ];
}
