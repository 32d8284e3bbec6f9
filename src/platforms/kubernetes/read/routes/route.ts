import { complete, type Fact, type FactList, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { AskedService, Delegation } from "../../../../facts/sign-in.ts";
import type { Ref, Route } from "../../../../facts/subjects.ts";
import { asText, type Fields, scalarFact } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { whyIncomplete } from "../context.ts";
import { type Backend, targetPort } from "../services.ts";

export type Header = Route["headers"] extends FactList<infer H> ? H : never;

/** What of a route is said by more than its own object. Absent: nothing is known to give it. */
export interface RouteSettings {
  readonly edge?: Ref<"workload"> | undefined;
  readonly audience?: Route["audience"];
  readonly tls?: Route["tls"];
  readonly redirectsToTls?: Route["redirectsToTls"];
  readonly rateLimit?: Route["rateLimit"];
  readonly loginRateLimit?: Route["loginRateLimit"];
  readonly authentication?: Route["authentication"];
  readonly delegation?: Delegation;
  readonly headers?: Route["headers"];
  readonly transport?: NonNullable<Route["transport"]>;
  readonly relay?: NonNullable<Route["relay"]>;
  readonly addition?: NonNullable<Route["addition"]>;
}

/** One way in, as an object asks for it. */
export interface WrittenRoute {
  readonly object: KubernetesObject;
  readonly place: Place;
  readonly host: Fact<string>;
  readonly path: Fact<string>;
  readonly backend: Backend;
}

/** Makes the routes of one reader; names that stand twice are told apart. */
export class RouteMaker {
  readonly #cluster: Cluster;
  readonly #names = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** One route to each kind of pods behind the backend, or one whose target is unknown. */
  routes(written: WrittenRoute, settings: RouteSettings): readonly Route[] {
    const { backend, place } = written;
    if ("why" in backend) return [this.#route(written, settings, unknown(backend.why, place))];
    return backend.pods.map((pod) => {
      const port = targetPort(pod, backend.port);
      const target: Route["target"] =
        port.kind === "stated" || port.kind === "defaulted"
          ? stated({ workload: pod.ref, port: port.value }, place)
          : unknown(port.kind === "unknown" ? port.why : "its Service names no port", place);
      return this.#route(written, this.#inMesh(pod, settings), target, pod.ref);
    });
  }

  /** What stands before a route counts first; a mesh may ask at the pods too. */
  #inMesh(pod: ClusterPod, settings: RouteSettings): RouteSettings {
    if (settings.delegation !== undefined || isSaid(settings.authentication)) return settings;
    const asked = this.#cluster.mesh.ofPod(pod);
    return asked === undefined ? settings : { ...settings, authentication: asked };
  }

  #route(
    { object, place, host, path }: WrittenRoute,
    settings: RouteSettings,
    target: Route["target"],
    owner?: Ref<"workload">,
  ): Route {
    const { context } = this.#cluster;
    const shown = `${shownOf(host)}${shownOf(path)}`;
    const name = this.#distinct(`${context.namespaceOf(object)}/${object.kind}/${object.name} ${shown}`);
    return {
      ...context.subject("route", name, place),
      ...(owner === undefined ? {} : { owner }),
      ...(settings.transport === undefined ? {} : { transport: settings.transport }),
      ...(settings.relay === undefined ? {} : { relay: settings.relay }),
      ...(settings.addition === undefined ? {} : { addition: settings.addition }),
      host,
      path,
      edge: settings.edge,
      target,
      audience: settings.audience ?? unstated(place),
      tls: settings.tls ?? unstated(place),
      redirectsToTls: settings.redirectsToTls ?? unstated(place),
      rateLimit: settings.rateLimit ?? unstated(place),
      loginRateLimit: settings.loginRateLimit ?? unstated(place),
      authentication: settings.authentication ?? unstated(place),
      ...(settings.delegation === undefined ? {} : { delegation: this.#asked(settings.delegation, object) }),
      headers: settings.headers ?? complete([], place),
    };
  }

  /** The pods that answer where somebody is asked, by the name of their Service. */
  #asked(delegation: Delegation, object: KubernetesObject): Delegation {
    const { context, services } = this.#cluster;
    const asked = delegation.asked.map((each): AskedService => {
      if (each.address.kind !== "stated") return each;
      const { host, port } = each.address.value;
      const named = serviceNamed(host, context.namespaceOf(object));
      const backend = named && services.backend(named.namespace, named.name, port);
      const [pod] = backend !== undefined && "pods" in backend ? backend.pods : [];
      return pod === undefined ? each : { ...each, workload: pod.ref };
    });
    return { ...delegation, asked };
  }

  #distinct(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  }
}

/** `authelia`, `authelia.security`, `authelia.security.svc.cluster.local`; undefined for a name of elsewhere. */
export function serviceNamed(
  host: string,
  from: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const [name = "", namespace = from, svc, ...domain] = host.toLowerCase().split(".");
  const isInside =
    svc === undefined ? !host.includes("$") : svc === "svc" && (domain.length === 0 || domain.length > 1);
  return isInside && name !== "" ? { namespace, name } : undefined;
}

function isSaid(authentication: RouteSettings["authentication"]): boolean {
  if (authentication === undefined || authentication.kind === "unstated") return false;
  return knownValue(authentication) !== "none";
}

function shownOf(fact: Fact<string>): string {
  return fact.kind === "stated" || fact.kind === "defaulted" ? fact.value : "?";
}

/** The members of a list of texts, each as a fact of its own; `otherwise` where there are none. */
export function textFacts(fields: Fields, key: string, otherwise: Fact<string>): readonly Fact<string>[] {
  const node: TreeNode | undefined = fields.node(key);
  if (node === undefined) return [fields.hidden === undefined ? otherwise : unknown(fields.hidden, fields.place)];
  if (node.kind !== "sequence") return [unknown(whyIncomplete(fields, key) ?? `\`${key}\` is not a list`, node.place)];
  if (node.items.length === 0) return [otherwise];
  return node.items.map((item) => scalarFact(item, asText, `\`${key}\` holds something that is no text`));
}
