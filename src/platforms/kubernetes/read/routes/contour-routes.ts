/**
 * HTTPProxies of Contour: one route for each path and Service below a virtual host, with those of the HTTPProxies that it
 * includes.
 *
 * Source: Contour 1.33, `apis/projectcontour/v1/httpproxy.go`, "Inclusion and Delegation", "TLS Termination" (a virtual host
 * with `tls` answers plain HTTP with a redirect, but for routes with `permitInsecure`) and "Client Authorization" (asked on
 * TLS alone; `globalExtAuth` of Contour's own configuration asks for all).
 */
import { defaulted, type Fact, knownValue, stated } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { type ClusterContext, fieldsOf, itemsIn, specOf, textIn } from "../context.ts";
import { flagFact } from "../pods/scalars.ts";
import type { Backend } from "../services.ts";
import { contourSettings, type VirtualHost } from "./contour-settings.ts";
import type { RouteSurroundings } from "./read-routes.ts";
import type { RouteSettings } from "./route.ts";

const group = "projectcontour.io";

/** HTTPProxies inside one another that are followed; more are a circle, which Contour refuses. */
const mostNested = 20;
/** HTTPProxies and rules that are read for all virtual hosts together, each as often as it is included. */
const mostIncluded = 20_000;

export function contourRoutes({ cluster, routes, edges }: RouteSurroundings): readonly Route[] {
  const { context } = cluster;
  const proxies = context.ofKind(group, "HTTPProxy");
  if (proxies.length === 0) return [];
  const edge = edges.of("contour");
  const addition = additionOf(context);
  const world: World = { cluster, count: 0 };
  return proxies.flatMap((object) => {
    const host = specOf(object).fields("virtualhost");
    if (specOf(object).node("virtualhost") === undefined) return [];
    const fqdn = host.fact("fqdn", asText, "a host name", (at) => stated("*", at));
    const virtual = virtualHostOf(object, context);
    const found = [...routesIn(object, "", world, 0), ...streamsOf(object, cluster)];
    return found.flatMap(({ by, rule, path, place, backend }) => {
      const settings: RouteSettings = { edge, addition, ...contourSettings(virtual, rule) };
      return routes.routes({ object: by, place, host: fqdn, path, backend }, settings);
    });
  });
}

interface World {
  readonly cluster: Cluster;
  count: number;
}

interface Found {
  /** The HTTPProxy that the rule stands in. */
  readonly by: KubernetesObject;
  /** The rule; undefined for connections that are handed on as they are. */
  readonly rule: Fields | undefined;
  readonly path: Fact<string>;
  readonly place: Fields["place"];
  readonly backend: Backend;
}

/** `prefix`: what the way to this HTTPProxy has in common. */
function routesIn(object: KubernetesObject, prefix: string, world: World, depth: number): readonly Found[] {
  const spec = specOf(object);
  const rules = itemsIn(spec, "routes");
  world.count += 1 + rules.length;
  // A circle leads nowhere; of more than can be followed it is not known where they lead.
  if (depth > mostNested) return [];
  if (depth > 0 && world.count > mostIncluded) {
    const backend = { why: "more routes are included here than are followed" };
    return [{ by: object, rule: spec, path: stated(prefix, spec.place), place: spec.place, backend }];
  }
  const own = rules.flatMap((rule) => {
    // What is answered by Contour itself leads to nobody.
    if (rule.node("requestRedirectPolicy") !== undefined || rule.node("directResponsePolicy") !== undefined) return [];
    const path = pathOf(rule, prefix);
    return servicesIn(rule, object, world.cluster).map((each) => ({ by: object, rule, path, ...each }));
  });
  return [...own, ...itemsIn(spec, "includes").flatMap((each) => included(each, object, prefix, world, depth))];
}

function included(
  include: Fields,
  object: KubernetesObject,
  prefix: string,
  world: World,
  depth: number,
): readonly Found[] {
  const { context } = world.cluster;
  const path = pathOf(include, prefix);
  const name = textIn(include, "name") ?? "";
  const namespace = textIn(include, "namespace") ?? context.namespaceOf(object);
  const child = context.object(group, "HTTPProxy", name, namespace);
  if (child === undefined) {
    const backend = { why: context.absent(`the HTTPProxy ${namespace}/${name}`) };
    return [{ by: object, rule: include, path, place: include.place, backend }];
  }
  // A virtual host of its own is no part of another one.
  if (specOf(child).node("virtualhost") !== undefined) return [];
  return routesIn(child, knownValue(path) ?? prefix, world, depth + 1);
}

/** Prefixes of one HTTPProxy and of those that include it are put together. */
function pathOf(rule: Fields, prefix: string): Fact<string> {
  for (const condition of itemsIn(rule, "conditions")) {
    for (const key of ["prefix", "exact", "regex"]) {
      const path = condition.fact(key, asText, "a path", (place) => ({ kind: "unstated", place }));
      if (path.kind === "unknown") return path;
      if (path.kind === "stated") return { ...path, value: joined(prefix, path.value) };
    }
  }
  return prefix === "" ? defaulted("/", "platform", rule.place) : stated(prefix, rule.place);
}

function joined(prefix: string, path: string): string {
  return `${prefix.replace(/\/$/, "")}${path.startsWith("/") || prefix === "" ? path : `/${path}`}`;
}

function servicesIn(rule: Fields, object: KubernetesObject, cluster: Cluster) {
  const namespace = cluster.context.namespaceOf(object);
  return itemsIn(rule, "services")
    .filter((service) => knownValue(flagFact(service, "mirror", (at) => defaulted(false, "platform", at))) !== true)
    .map((service) => {
      const name = service.fact("name", asText, "a name", (place) => ({ kind: "unstated", place }));
      const port = knownValue(service.fact("port", asInteger, "a port", (place) => ({ kind: "unstated", place })));
      const known = knownValue(name);
      const why = name.kind === "unknown" ? name.why : "it names no Service";
      const backend: Backend = known === undefined ? { why } : cluster.services.backend(namespace, known, port);
      return { backend, place: service.place };
    });
}

/** What `tcpproxy` hands on without a look at it. */
function streamsOf(object: KubernetesObject, cluster: Cluster): readonly Found[] {
  const proxy = specOf(object).fields("tcpproxy");
  const path: Fact<string> = defaulted("/", "platform", proxy.place);
  return servicesIn(proxy, object, cluster).map((each) => ({ by: object, rule: undefined, path, ...each }));
}

function virtualHostOf(object: KubernetesObject, context: ClusterContext): VirtualHost {
  const host = specOf(object).fields("virtualhost");
  const reference = host.fields("authorization").fields("extensionRef");
  const namespace = textIn(reference, "namespace") ?? context.namespaceOf(object);
  const extension = context.object(group, "ExtensionService", textIn(reference, "name") ?? "", namespace);
  return { host, namespace, extension };
}

/** Whether Contour's own configuration is seen, and asks nobody about every request. */
function additionOf(context: ClusterContext): NonNullable<RouteSettings["addition"]> {
  const unseen = { unseen: "what Contour is told for all routes is not among the files" };
  const maps = context.ofKind("", "ConfigMap").map((object) => textIn(fieldsOf(object).fields("data"), "contour.yaml"));
  const text = maps.find((each) => each !== undefined);
  const [configuration] = context.ofKind(group, "ContourConfiguration");
  if (text === undefined && configuration === undefined) return unseen;
  const asks =
    /^[ \t]*globalExtAuth[ \t]*:/m.test(text ?? "") ||
    (configuration !== undefined && specOf(configuration).node("globalExtAuth") !== undefined);
  return asks ? { unseen: "what `globalExtAuth` of Contour asks for is not followed" } : "none";
}
