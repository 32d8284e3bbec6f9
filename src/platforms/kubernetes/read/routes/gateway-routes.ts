import { defaulted, type Fact, knownValue, stated, unknown } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { Registry } from "../../../../formats/traefik/registry.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { itemsIn, specOf, textIn } from "../context.ts";
import type { Additions } from "./additions.ts";
import type { ControllerName } from "./controllers.ts";
import type { EdgeFinder } from "./edges.ts";
import { EnvoyPolicies } from "./envoy-policies.ts";
import type { EnvoySettings } from "./envoy-settings.ts";
import { grantedBackends } from "./gateway-backends.ts";
import { type Attached, type Gateways, ofKind } from "./gateways.ts";
import type { RouteSurroundings } from "./read-routes.ts";
import { Redirects } from "./redirects.ts";
import { isRefused } from "./refused.ts";
import { type RouteMaker, type RouteSettings, textFacts } from "./route.ts";
import { filteredSettings } from "./route-filters.ts";

const kinds = ["HTTPRoute", "GRPCRoute", "TLSRoute"] as const;

/**
 * HTTPRoutes, GRPCRoutes and TLSRoutes: one route for each host, path and backend. One that only sends plain HTTP on to
 * HTTPS is no route of its own: it says of the others on its gateway that they are redirected.
 */
export function gatewayRoutes({ cluster, routes, edges, additions, definitions }: RouteSurroundings): readonly Route[] {
  const { context, gateways } = cluster;
  const policies = new EnvoyPolicies(cluster);
  const written = kinds.flatMap((kind) =>
    context
      .ofKind("gateway.networking.k8s.io", kind)
      .flatMap((object) => (isRefused(object, gateways) ? [] : [readRoute(object, gateways)])),
  );
  const redirects = new Redirects(written.filter((each) => each.redirectsOnly));
  return written.flatMap((each) =>
    each.redirectsOnly
      ? []
      : routesOf(each, { cluster, routes, edges, additions, policies, redirects, registry: definitions }),
  );
}

interface GatewayRoute {
  readonly object: KubernetesObject;
  readonly spec: Fields;
  readonly attached: readonly Attached[];
  /** Why it may be served on other listeners too. */
  readonly whyIncomplete: string | undefined;
  readonly redirectsOnly: boolean;
}

interface Surroundings {
  readonly cluster: Cluster;
  readonly routes: RouteMaker;
  readonly edges: EdgeFinder;
  readonly additions: Additions;
  readonly policies: EnvoyPolicies;
  readonly redirects: Redirects;
  readonly registry: Registry | undefined;
}

function readRoute(object: KubernetesObject, gateways: Gateways): GatewayRoute {
  const spec = specOf(object);
  const { attached, whyIncomplete } = gateways.attachmentsOf(object);
  const rules = itemsIn(spec, "rules");
  return {
    object,
    spec,
    attached: ofKind(attached, object.kind),
    whyIncomplete,
    redirectsOnly: rules.length > 0 && rules.every(redirectsToTls),
  };
}

function redirectsToTls(rule: Fields): boolean {
  return itemsIn(rule, "filters").some(
    (filter) =>
      textIn(filter, "type") === "RequestRedirect" &&
      textIn(filter.fields("requestRedirect"), "scheme")?.toLowerCase() === "https",
  );
}

function routesOf(route: GatewayRoute, surroundings: Surroundings): readonly Route[] {
  const { cluster, routes, registry } = surroundings;
  const { object, spec, attached } = route;
  const hosts = hostsOf(route);
  const around = { context: cluster.context, object, controller: controllerOfAll(attached), registry };
  return itemsIn(spec, "rules").flatMap((rule) => {
    if (redirectsToTls(rule)) return [];
    const shared = settingsOf(route, textIn(rule, "name"), surroundings);
    const filters = itemsIn(rule, "filters");
    const backends = grantedBackends(rule, object, cluster).map(({ ref, backend }) => ({
      ref,
      backend,
      settings: filteredSettings([...filters, ...itemsIn(ref, "filters")], shared, around, rule.place),
    }));
    return distinctPaths(rule, object.kind).flatMap((path) =>
      hosts.flatMap((host) =>
        backends.flatMap(({ ref, backend, settings }) =>
          routes.routes({ object, place: ref.place, host, path, backend }, settings),
        ),
      ),
    );
  });
}

/** The hosts that a route names; where it names none those of its listeners count, else every one. */
function hostsOf({ spec, attached, object }: GatewayRoute): readonly Fact<string>[] {
  const node = spec.node("hostnames");
  const own = textFacts(spec, "hostnames", stated("*", object.place));
  if (node !== undefined && !(node.kind === "sequence" && node.items.length === 0)) return own;
  const named = attached.map(({ listener }) => listener.hostname).filter(({ kind }) => kind !== "unstated");
  return named.length === 0 ? own : distinct(named);
}

function distinct(facts: readonly Fact<string>[]): readonly Fact<string>[] {
  return [...new Map(facts.map((fact) => [knownValue(fact) ?? fact, fact] as const)).values()];
}

function distinctPaths(rule: Fields, kind: string): readonly Fact<string>[] {
  const none: Fact<string> = defaulted("/", "platform", rule.place);
  if (kind !== "HTTPRoute") return [none];
  const paths = itemsIn(rule, "matches").map((match) =>
    match.fields("path").fact("value", asText, "a path", () => none),
  );
  if (paths.length === 0) return [none];
  return distinct(paths);
}

function settingsOf(
  route: GatewayRoute,
  rule: string | undefined,
  { edges, additions, policies, redirects }: Surroundings,
): RouteSettings {
  const { attached, object, whyIncomplete } = route;
  const envoy = policies.of({ object, rule, attached, whyIncomplete });
  const controller = controllerOfAll(attached);
  return {
    edge: edges.of(controller),
    // What the listener does with TLS aside, connections are handed on as they are.
    ...(object.kind === "TLSRoute" ? { transport: "tcp" as const } : {}),
    ...additions.ofGateway(
      attached.map(({ gateway }) => gateway.controller),
      whyIncomplete,
    ),
    ...tlsOf(route, envoy),
    ...redirectOf(route, redirects),
    ...(envoy.authentication === undefined ? {} : { authentication: envoy.authentication }),
    ...(envoy.delegation === undefined ? {} : { delegation: envoy.delegation }),
    ...(envoy.audience === undefined ? {} : { audience: envoy.audience }),
    ...(envoy.rateLimit === undefined ? {} : { rateLimit: envoy.rateLimit }),
  };
}

/** The program of all its gateways; undefined where they have several. */
function controllerOfAll(attached: readonly Attached[]): ControllerName | undefined {
  const [first, ...others] = new Set(attached.map(({ gateway }) => gateway.controller));
  return others.length === 0 ? first : undefined;
}

/**
 * What the gateway's listeners make of TLS. Nothing is said where the Gateway is not among the files, where TLS is passed
 * through to the backend, or where it is not known which versions the gateway's program allows.
 */
function tlsOf({ attached, whyIncomplete, object }: GatewayRoute, envoy: EnvoySettings): Pick<RouteSettings, "tls"> {
  if (attached.length === 0 || object.kind === "TLSRoute") return {};
  const [encrypted, ...others] = attached.filter(({ listener }) => listener.protocol === "HTTPS");
  if (encrypted !== undefined) {
    if (envoy.tls !== undefined) return { tls: envoy.tls };
    if ([encrypted, ...others].some(({ gateway }) => gateway.controller === undefined)) return {};
    return { tls: defaulted({ minimum: "1.2" }, "platform", encrypted.listener.place) };
  }
  const plain = attached.find(({ listener }) => listener.protocol === "HTTP");
  if (plain === undefined || plain.doubt !== undefined || whyIncomplete !== undefined) return {};
  return { tls: stated("none", plain.listener.place) };
}

/**
 * A route on a plain listener of a gateway that has an encrypted one too is served in the open beside it. Where its gateway
 * answers plain HTTP nowhere, or only to send it on, that is as good as a redirect.
 */
function redirectOf({ attached, spec }: GatewayRoute, redirects: Redirects): Pick<RouteSettings, "redirectsToTls"> {
  const encrypted = attached.find(({ listener }) => listener.protocol === "HTTPS");
  if (encrypted === undefined) return {};
  const plain = attached.find(({ listener }) => listener.protocol === "HTTP");
  if (plain !== undefined) {
    const place = spec.node("parentRefs")?.place ?? plain.listener.place;
    return { redirectsToTls: plain.doubt === undefined ? stated(false, place) : unknown(plain.doubt, place) };
  }
  const { gateway } = encrypted;
  if (!gateway.listeners.some(({ protocol }) => protocol === "HTTP")) {
    const { place } = gateway.object;
    const isOpen = gateway.listeners.some(({ protocol }) => protocol === undefined);
    const why = gateway.whyIncomplete ?? (isOpen ? "the protocol of a listener is not resolved" : undefined);
    return { redirectsToTls: why === undefined ? stated(true, place) : unknown(why, place) };
  }
  const redirect = redirects.ofAll(gateway, spec);
  return redirect === undefined ? {} : { redirectsToTls: stated(true, redirect.object.place) };
}
