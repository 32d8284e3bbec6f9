import type { Named } from "../../../../facts/configuration/proxy.ts";
import { complete, unstated } from "../../../../facts/fact.ts";
import type { RepositoryFile, Route } from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import { type ClusterBackend, TraefikCluster } from "../../../../formats/traefik/kubernetes.ts";
import { dynamicTransports, routedDoor } from "../../../../formats/traefik/settings.ts";
import type { TraefikStatic } from "../../../../formats/traefik/static.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterContext } from "../context.ts";
import type { Backend } from "../services.ts";
import type { RouteSurroundings } from "./read-routes.ts";
import type { RouteSettings } from "./route.ts";
import { sharedStatic, type TraefikPod } from "./traefik-pods.ts";

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

/** Traefik's own kinds in a cluster, read once; undefined where there is none. */
export class TraefikObjects {
  readonly cluster: TraefikCluster<Found>;
  readonly settings: TraefikStatic;
  readonly place: Place;

  private constructor(objects: readonly [Found, ...Found[]], settings: TraefikStatic, unseen: string | undefined) {
    this.cluster = new TraefikCluster(objects, unseen);
    this.settings = settings;
    this.place = objects[0].place;
  }

  static of(context: ClusterContext, pods: readonly TraefikPod[]): TraefikObjects | undefined {
    const objects = groups.flatMap((group) => kinds.flatMap((kind) => context.ofKind(group, kind)));
    const [first, ...others] = objects.map((each): Found => ({ ...each, namespace: context.namespaceOf(each) }));
    if (first === undefined) return undefined;
    const unseen = context.manifests.unseen[0];
    const why = unseen === undefined ? undefined : `${unseen.what}: ${unseen.why}`;
    return new TraefikObjects([first, ...others], sharedStatic(pods, first.place), why);
  }
}

/** The routes that IngressRoutes and IngressRouteTCPs ask for. */
export function traefikRoutes({ traefik, cluster, routes, edges }: RouteSurroundings): readonly Route[] {
  if (traefik === undefined) return [];
  const edge = edges.of("traefik");
  return traefik.cluster.routes(traefik.settings).flatMap(({ object, route, backends }) => {
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
  const { cluster, settings, place } = traefik;
  const { source } = traefik.place;
  const routes = cluster.routes(settings).map(({ route }) => route);
  const file = { ok: true, path: source.path, text: "", source, mode: undefined } as const;
  const subject = configurationFile(
    { ...context, platform: "kubernetes", owner: undefined, file, path: `${source.path}: Traefik` },
    {
      software: "traefik",
      doors: complete(routes.flatMap(routedDoor), place),
      unverifiedUpstreams: complete(dynamicTransports(cluster.registry), place),
      trustedForwarders: unstated(place),
      listings: complete<Named>([], place),
      servedSecrets: complete<Named>([], place),
      accessLog: unstated(place),
      exposedByDefault: unstated(place),
      openDashboard: unstated(place),
    },
  );
  return [{ ...subject, place }];
}
