import { defaulted, type Fact, knownValue, stated, unknown } from "../../../../facts/fact.ts";
import type { Ref, Route } from "../../../../facts/subjects.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import { tailnet } from "../../../../formats/tailscale/serve.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { itemsIn, metadataOf, specOf, textIn, textsIn, whyIncomplete } from "../context.ts";
import { type Labels, labelsOf, whyOpen } from "../labels.ts";
import type { Backend } from "../services.ts";
import { type Annotations, ingressAnnotations } from "./annotations.ts";
import type { ControllerName } from "./controllers.ts";
import { servingClass } from "./ingress-class.ts";
import type { RouteSurroundings } from "./read-routes.ts";
import type { RouteMaker, RouteSettings } from "./route.ts";
import { traefikIngressSettings } from "./traefik-ingress.ts";

/**
 * The rules of Ingresses: one route for each host, path and backend, with what the annotations of the controller that
 * serves them say. Source: Kubernetes documentation "Ingress", networking.k8s.io/v1.
 */
export function ingressRoutes({
  cluster,
  routes,
  edges,
  additions,
  definitions,
  traefikStatic,
}: RouteSurroundings): readonly Route[] {
  const { context } = cluster;
  const objects = [...context.ofKind("networking.k8s.io", "Ingress"), ...context.ofKind("extensions", "Ingress")];
  return objects.flatMap((object) => {
    const spec = specOf(object);
    const annotations = labelsOf(metadataOf(object), "annotations");
    const asked = servingClass(object, spec, annotations, context);
    const controller = asked.program;
    const said = ingressAnnotations(annotations, object.place, controller, definitions);
    const served =
      controller === "traefik"
        ? traefikIngressSettings(annotations, object.place, traefikStatic, definitions)
        : undefined;
    const added = additions.ofIngress(asked, annotations);
    const edge = edges.of(controller, (workload) => additions.mayServe(workload, asked));
    const onTailnet = controller === "tailscale" ? tailnetOf(annotations, spec.place) : {};
    return routesOf({ object, spec, controller, edge, annotations: said, served, added, onTailnet }, cluster, routes);
  });
}

interface Ingress {
  readonly object: KubernetesObject;
  readonly spec: Fields;
  readonly controller: ControllerName | undefined;
  /** The workload that serves it, where that is seen to be published. */
  readonly edge: Ref<"workload"> | undefined;
  readonly annotations: Annotations;
  /** What Traefik makes of it, where its own configuration is seen. */
  readonly served: RouteSettings | undefined;
  /** What the controller puts before it by its own configuration. */
  readonly added: RouteSettings;
  /** Whom Tailscale's operator lets in, where that serves it. */
  readonly onTailnet: RouteSettings;
}

function routesOf(ingress: Ingress, cluster: Cluster, routes: RouteMaker): readonly Route[] {
  const { object, spec, annotations, edge } = ingress;
  const rules = itemsIn(spec, "rules").flatMap((rule) => {
    const host: Fact<string> = rule.fact("host", asText, "a host name", (at) => stated("*", at));
    return itemsIn(rule.fields("http"), "paths").map((path) => ({
      host,
      place: path.place,
      path: path.fact("path", asText, "a path", (at) => defaulted("/", "platform", at)),
      backend: backendOf(path.fields("backend"), object, cluster),
    }));
  });
  const otherwise = spec.node("defaultBackend") === undefined ? spec.fields("backend") : spec.fields("defaultBackend");
  const all = otherwise.entries.length === 0 ? rules : [...rules, defaultRule(otherwise, object, cluster)];
  return all.flatMap((rule) => {
    const tls = tlsOf(ingress, rule.host);
    if (ingress.served !== undefined)
      return routes.routes({ object, ...rule }, { edge, addition: "none", ...ingress.served });
    const settings: RouteSettings = {
      edge,
      ...(tls === undefined ? {} : { tls }),
      ...redirectOf(ingress, tls),
      ...ingress.added,
      ...ingress.onTailnet,
      ...annotations.settings,
    };
    return routes.routes({ object, ...rule }, settings);
  });
}

function defaultRule(backend: Fields, object: KubernetesObject, cluster: Cluster) {
  const { place } = backend;
  const host: Fact<string> = stated("*", place);
  const path: Fact<string> = defaulted("/", "platform", place);
  return { host, path, place, backend: backendOf(backend, object, cluster) };
}

/** `service: {name, port: {number | name}}`; before networking.k8s.io/v1 `serviceName` and `servicePort`. */
function backendOf(backend: Fields, object: KubernetesObject, { context, services }: Cluster): Backend {
  const service = backend.fields("service");
  const name = textIn(service, "name") ?? textIn(backend, "serviceName");
  if (name === undefined) return { why: backend.hidden ?? "its backend is no Service" };
  const port = service.fields("port");
  const number = port.fact("number", asInteger, "a port", (place) => ({ kind: "unstated", place }));
  const older = backend.node("servicePort") === undefined ? undefined : textIn(backend, "servicePort");
  const wanted = knownValue(number) ?? textIn(port, "name") ?? (older === undefined ? undefined : numberOr(older));
  return services.backend(context.namespaceOf(object), name, wanted);
}

function numberOr(text: string): number | string {
  return /^\d{1,5}$/.test(text) ? Number(text) : text;
}

/** Programs that serve an Ingress without `tls` in the open, and over a certificate of their own making. */
const plainWithoutTls: ReadonlySet<ControllerName> = new Set([
  "ingress-nginx",
  "nginx",
  "haproxy",
  "contour",
  "kong",
  "cilium",
  "istio",
]);

/** Undefined where neither the Ingress nor what is known of its controller decides. */
function tlsOf({ spec, controller, annotations }: Ingress, host: Fact<string>): Route["tls"] | undefined {
  const entries = itemsIn(spec, "tls");
  const place = spec.node("tls")?.place ?? spec.place;
  const hidden = whyIncomplete(spec, "tls");
  const covering = entries.find((entry) => covers(entry, knownValue(host)));
  if (covering !== undefined || controller === "tailscale" || annotations.terminatesTls) {
    return controller === undefined ? undefined : defaulted({ minimum: "1.2" }, "platform", place);
  }
  if (hidden !== undefined) return unknown(hidden, place);
  if (entries.length > 0 && host.kind === "unknown") return unknown(host.why, host.place);
  if (controller === undefined || !plainWithoutTls.has(controller)) return undefined;
  return stated("none", entries.length > 0 ? host.place : spec.place);
}

/**
 * Tailscale's operator serves the devices of the tailnet, and everybody with the annotation for Funnel. Source:
 * Tailscale's documentation, "Kubernetes operator: expose a Service to your tailnet" and "… to the internet".
 */
function tailnetOf(annotations: Labels, place: Place): Pick<RouteSettings, "audience" | "relay" | "addition"> {
  const why = whyOpen(annotations, funnel);
  if (why !== undefined) return { audience: unknown(why, place), relay: "Tailscale" };
  if (annotations.values.get(funnel) === "true")
    return { audience: stated({ kind: "public" }, place), relay: "Tailscale Funnel", addition: "none" };
  return { audience: defaulted(tailnet, "platform", place), relay: "Tailscale" };
}

const funnel = "tailscale.com/funnel";

/** An entry without hosts is for all of them. */
function covers(entry: Fields, host: string | undefined): boolean {
  const hosts = textsIn(entry, "hosts");
  if (hosts.length === 0) return whyIncomplete(entry, "hosts") === undefined;
  return (
    host !== undefined && hosts.some((each) => each === host || (each.startsWith("*.") && host.endsWith(each.slice(1))))
  );
}

/** ingress-nginx redirects by itself what it has a certificate for; the others' own configuration decides. */
function redirectOf(
  { controller, annotations, spec }: Ingress,
  tls: Route["tls"] | undefined,
): Pick<RouteSettings, "redirectsToTls"> {
  if (tls === undefined || knownValue(tls) === "none") return {};
  if (annotations.redirects !== undefined) return { redirectsToTls: annotations.redirects };
  return controller === "ingress-nginx" ? { redirectsToTls: defaulted(true, "platform", spec.place) } : {};
}
