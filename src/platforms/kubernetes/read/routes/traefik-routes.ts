import type { Named } from "../../../../facts/configuration/proxy.ts";
import { complete, unstated } from "../../../../facts/fact.ts";
import type { RepositoryFile, Route } from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import { type ClusterBackend, type ClusterRoute, TraefikCluster } from "../../../../formats/traefik/kubernetes.ts";
import { dynamicTransports, routedDoor, unverified } from "../../../../formats/traefik/settings.ts";
import type { TraefikStatic } from "../../../../formats/traefik/static.ts";
import type { DynamicFiles } from "../../../../formats/traefik/traefik-format.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterContext } from "../context.ts";
import type { Backend } from "../services.ts";
import type { RouteSurroundings } from "./read-routes.ts";
import type { RouteSettings } from "./route.ts";

type Found = KubernetesObject & { readonly namespace: string };

const groups = ["traefik.io", "traefik.containo.us"];
const kinds = [
  "IngressRoute",
  "IngressRouteTCP",
  "Middleware",
  "MiddlewareTCP",
  "TLSOption",
  "ServersTransport",
  "ServersTransportTCP",
  "TraefikService",
];

/** What is known of the Traefik that serves them. */
export interface TraefikAround {
  readonly settings: TraefikStatic;
  /** Ports that are reached from outside; undefined where any may be. */
  readonly published: ReadonlySet<number> | undefined;
  /** What its file provider reads, where that may be named. */
  readonly files?: DynamicFiles;
}

/** Traefik's own kinds in a cluster, read once; undefined where there is none. */
export class TraefikObjects {
  readonly cluster: TraefikCluster<Found>;
  readonly settings: TraefikStatic;
  readonly place: Place;

  readonly #published: ReadonlySet<number> | undefined;

  private constructor(
    objects: readonly [Found, ...Found[]],
    { settings, unseen, published, files }: { readonly unseen: string | undefined } & TraefikAround,
  ) {
    this.cluster = new TraefikCluster(objects, unseen, files);
    this.settings = settings;
    this.place = objects[0].place;
    this.#published = published;
  }

  /** `made`: what is not written as an object, but becomes one. */
  static of(
    context: ClusterContext,
    around: TraefikAround,
    made: readonly KubernetesObject[] = [],
  ): TraefikObjects | undefined {
    const objects = groups.flatMap((group) => kinds.flatMap((kind) => context.ofKind(group, kind)));
    const [first, ...others] = [...objects, ...made].map(
      (each): Found => ({ ...each, namespace: context.namespaceOf(each) }),
    );
    if (first === undefined) return undefined;
    const unseen = context.manifests.unseen[0];
    const why = unseen === undefined ? undefined : `${unseen.what}: ${unseen.why}`;
    return new TraefikObjects([first, ...others], { ...around, unseen: why });
  }

  /** Without those that are served only where nobody outside of the cluster comes, such as the chart's to its dashboard. */
  get routes(): readonly ClusterRoute<Found>[] {
    const published = this.#published;
    return this.cluster.routes(this.settings).filter(({ route: { edgePorts } }) => {
      if (published === undefined || edgePorts?.complete !== true || edgePorts.items.length === 0) return true;
      return edgePorts.items.some((port) => published.has(port));
    });
  }
}

/** The routes that IngressRoutes and IngressRouteTCPs ask for. */
export function traefikRoutes({ traefik, cluster, routes, edges }: RouteSurroundings): readonly Route[] {
  if (traefik === undefined) return [];
  const edge = edges.of("traefik");
  return traefik.routes.flatMap(({ object, route, backends }) => {
    const { host, path, place, name: _, whole: __, isOwnApi: ___, upstreams: ____, owner: _____, ...facts } = route;
    const settings: RouteSettings = { edge, ...facts };
    return backends.flatMap((backend) =>
      routes.routes({ object, place, host, path, backend: podsBehind(backend, cluster) }, settings),
    );
  });
}

function podsBehind(backend: ClusterBackend, { services }: Cluster): Backend {
  return "why" in backend ? { why: backend.why } : services.backend(backend.namespace, backend.name, backend.port);
}

/**
 * What Traefik does as a whole as far as its objects say: who may see its dashboard, whose certificates it does not look
 * at. The switches among its arguments are judged with the container; what a chart sets is not seen, and not asked for.
 */
export function traefikConfiguration(
  traefik: TraefikObjects | undefined,
  context: ClusterContext,
): readonly RepositoryFile[] {
  if (traefik === undefined || traefik.place.kind !== "file") return [];
  const { cluster, place } = traefik;
  const { source } = traefik.place;
  const routes = traefik.routes.map(({ route }) => route);
  const file = { ok: true, path: source.path, text: "", source, mode: undefined } as const;
  const subject = configurationFile(
    { ...context, platform: "kubernetes", owner: undefined, file, path: `${source.path}: Traefik` },
    {
      software: "traefik",
      doors: complete(routes.flatMap(routedDoor), place),
      unverifiedUpstreams: unverified(dynamicTransports(cluster.own), place),
      trustedForwarders: unstated(place),
      listings: complete<Named>([], place),
      servedSecrets: complete<Named>([], place),
      accessLog: unstated(place),
      exposedByDefault: unstated(place),
      openDashboard: unstated(place),
      place,
    },
  );
  return [{ ...subject, place }];
}
