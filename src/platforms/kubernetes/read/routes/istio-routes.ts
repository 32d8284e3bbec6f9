/**
 * VirtualServices of Istio that are bound to a Gateway: one route for each host, path and destination, with those of the
 * VirtualServices that they delegate to. What the mesh does between its own pods is no way in.
 *
 * Source: Istio 1.27, "Virtual Service" (`http`, `tls`, `tcp`; `delegate` names one without hosts, whose rules stand below
 * the path of the one that names it; a destination's short name is one of the rule's own namespace).
 */
import { complete, defaulted, type Fact, incomplete, knownValue, stated } from "../../../../facts/fact.ts";
import type { Route } from "../../../../facts/subjects.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { type ClusterContext, itemsIn, specOf, textIn, textsIn, whyIncomplete } from "../context.ts";
import type { Backend } from "../services.ts";
import {
  type IstioBinding,
  IstioGateways,
  type IstioServer,
  istioClientCertificate,
  istioGroup,
  istioRedirect,
  istioTls,
} from "./istio-gateways.ts";
import type { RouteSurroundings } from "./read-routes.ts";
import { type Header, type RouteSettings, serviceNamed, textFacts } from "./route.ts";

interface Bound {
  readonly object: KubernetesObject;
  readonly binding: IstioBinding;
}

export function istioRoutes({ cluster, routes, edges, additions }: RouteSurroundings): readonly Route[] {
  const { context } = cluster;
  const services = context.ofKind(istioGroup, "VirtualService");
  if (services.length === 0) return [];
  const gateways = new IstioGateways(context);
  const bound = services.flatMap((object): readonly Bound[] => {
    const binding = gateways.bindingOf(object);
    return binding === undefined ? [] : [{ object, binding }];
  });
  const sentOn = new SentOn(bound);
  const world: World = { context, count: 0 };
  return bound.flatMap(({ object, binding }) => {
    const { whyIncomplete: why } = binding;
    const common: RouteSettings = {
      edge: edges.of("istio"),
      ...additions.ofGateway(why === undefined ? ["istio"] : [], why),
      ...askedAt(binding, cluster),
    };
    const settings: RouteSettings = {
      ...common,
      ...istioTls(binding),
      ...istioRedirect(binding, (server) => sentOn.has(server, object)),
    };
    return rulesOf(object, world).flatMap((rule) => {
      const hosts = rule.hosts ?? hostsOf(object, binding);
      return destinationsIn(rule, cluster).flatMap(({ place, backend, headers }) =>
        rule.paths.flatMap((path) =>
          hosts.flatMap((host) =>
            routes.routes(
              { object: rule.by, place, host, path, backend },
              rule.isHttp ? { ...settings, headers } : { ...common, transport: "tcp" },
            ),
          ),
        ),
      );
    });
  });
}

/** The hosts that it names; where that is every one, those of its gateways count. */
function hostsOf(object: KubernetesObject, { servers }: IstioBinding): readonly Fact<string>[] {
  const own = textFacts(specOf(object), "hosts", stated("*", object.place));
  const [only, ...others] = own;
  if (only === undefined || others.length > 0 || knownValue(only) !== "*") return own;
  const named = new Set(servers.flatMap(({ hosts }) => hosts));
  return named.size === 0 || named.has("*") ? own : [...named].map((host) => stated(host, only.place));
}

interface World {
  readonly context: ClusterContext;
  /** Rules that others were delegated to so far. */
  count: number;
}

/** Rules that are read for all VirtualServices together, each as often as it is delegated to. */
const mostDelegated = 20_000;

interface Rule {
  /** The VirtualService that it stands in. */
  readonly by: KubernetesObject;
  readonly fields: Fields;
  readonly isHttp: boolean;
  readonly paths: readonly Fact<string>[];
  /** In place of those of the VirtualService. */
  readonly hosts: readonly Fact<string>[] | undefined;
}

function rulesOf(object: KubernetesObject, world: World): readonly Rule[] {
  const spec = specOf(object);
  const none: Fact<string> = defaulted("/", "platform", spec.place);
  const http = itemsIn(spec, "http").flatMap((fields): readonly Rule[] => {
    const paths = pathsOf(fields);
    // What is for the mesh, and what is sent on, leads nobody in.
    if (paths.length === 0 || fields.node("redirect") !== undefined) return [];
    if (fields.node("delegate") === undefined)
      return [{ by: object, fields, isHttp: true, paths: paths.map((path) => path ?? none), hosts: undefined }];
    return delegatedRules(
      fields,
      object,
      paths.map((path) => path ?? none),
      world,
    );
  });
  const streams = ["tls", "tcp"].flatMap((key) =>
    itemsIn(spec, key).map((fields): Rule => {
      const names = itemsIn(fields, "match").flatMap((match) => textFacts(match, "sniHosts", none));
      const hosts = key === "tls" && names.length > 0 ? names : undefined;
      return { by: object, fields, isHttp: false, paths: [none], hosts };
    }),
  );
  return [...http, ...streams];
}

/** Those of the VirtualService that a rule names in its place; one that delegates again is refused. */
function delegatedRules(
  fields: Fields,
  object: KubernetesObject,
  around: readonly Fact<string>[],
  world: World,
): readonly Rule[] {
  const { context } = world;
  const reference = fields.fields("delegate");
  const namespace = textIn(reference, "namespace") ?? context.namespaceOf(object);
  const by = context.object(istioGroup, "VirtualService", textIn(reference, "name") ?? "", namespace);
  const rules = by === undefined ? [] : itemsIn(specOf(by), "http");
  world.count += rules.length;
  if (by === undefined || world.count > mostDelegated)
    return [{ by: object, fields, isHttp: true, paths: around, hosts: undefined }];
  return rules.flatMap((rule): readonly Rule[] => {
    if (rule.node("redirect") !== undefined || rule.node("delegate") !== undefined) return [];
    const own = pathsOf(rule).flatMap((path) => path ?? []);
    return [{ by, fields: rule, isHttp: true, paths: own.length === 0 ? around : own, hosts: undefined }];
  });
}

/** One for each match; undefined for a match of every path. None where all matches are for the mesh alone. */
function pathsOf(rule: Fields): readonly (Fact<string> | undefined)[] {
  const matches = itemsIn(rule, "match");
  if (matches.length === 0) return [undefined];
  const paths = matches
    .filter((match) => {
      const gateways = textsIn(match, "gateways");
      return gateways.length === 0 || gateways.some((each) => each !== "mesh");
    })
    .map((match): Fact<string> | undefined => {
      const uri = match.fields("uri");
      const found = ["prefix", "exact", "regex"].map((key) =>
        uri.fact(key, asText, "a path", (place) => ({ kind: "unstated", place })),
      );
      return match.node("uri") === undefined ? undefined : found.find(({ kind }) => kind !== "unstated");
    });
  return [...new Map(paths.map((path) => [path && (knownValue(path) ?? path), path] as const)).values()];
}

interface Destination {
  readonly place: Fields["place"];
  readonly backend: Backend;
  readonly headers: NonNullable<RouteSettings["headers"]>;
}

function destinationsIn({ fields, by }: Rule, cluster: Cluster): readonly Destination[] {
  const all = itemsIn(fields, "route");
  const common = headersIn(fields);
  if (all.length === 0 && fields.node("delegate") !== undefined) {
    const backend = { why: "what the VirtualService that it delegates to says is not followed or not among the files" };
    return [{ place: fields.place, backend, headers: complete([], fields.place) }];
  }
  const seen = new Set<string>();
  return all.flatMap((each): readonly Destination[] => {
    const destination = each.fields("destination");
    // Subsets of one Service are versions of it.
    const key = `${textIn(destination, "host")} ${portOf(destination)}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const items = [...common.items, ...headersIn(each).items];
    const why = common.complete ? undefined : common.why;
    const headers = why === undefined ? complete(items, each.place) : incomplete(items, why, each.place);
    return [{ place: each.place, backend: backendOf(destination, by, cluster), headers }];
  });
}

function portOf(destination: Fields): number | undefined {
  return knownValue(
    destination.fields("port").fact("number", asInteger, "a port", (place) => ({ kind: "unstated", place })),
  );
}

function backendOf(destination: Fields, by: KubernetesObject, { context, services }: Cluster): Backend {
  const host = destination.fact("host", asText, "a name", (place) => ({ kind: "unstated", place }));
  if (host.kind === "unknown") return { why: host.why };
  const text = knownValue(host);
  const named = text === undefined ? undefined : serviceNamed(text, context.namespaceOf(by));
  if (named === undefined) return { why: "its destination is no Service of this cluster" };
  return services.backend(named.namespace, named.name, portOf(destination));
}

function headersIn(fields: Fields): NonNullable<RouteSettings["headers"]> {
  const response = fields.fields("headers").fields("response");
  if (fields.node("headers") === undefined) return complete([], fields.place);
  const given = ["set", "add"].flatMap((key) =>
    response
      .fields(key)
      .entries.flatMap(({ key: name, value }): readonly Header[] =>
        value.kind === "scalar" && value.unresolved === undefined && value.value !== null
          ? [{ name: name.toLowerCase(), value: String(value.value), place: value.place }]
          : [],
      ),
  );
  const removed = textsIn(response, "remove").map(
    (name): Header => ({ name: name.toLowerCase(), value: null, place: response.place }),
  );
  const why = response.hidden ?? whyIncomplete(response, "remove");
  const items = [...given, ...removed];
  return why === undefined ? complete(items, response.place) : incomplete(items, why, response.place);
}

/** What the gateways ask for, and whom they let in. */
function askedAt(binding: IstioBinding, { mesh, pods }: Cluster): Pick<RouteSettings, "authentication" | "audience"> {
  const certificate = istioClientCertificate(binding);
  const policies = binding.gateways.map((gateway) => mesh.ofIstioGateway(gateway, pods));
  const rewritten = policies.map((each) => each.rewritten).find((each) => each !== undefined);
  const asked =
    (certificate && rewritten) ??
    certificate ??
    policies.map(({ authentication }) => authentication).find((each) => each !== undefined);
  const audience = policies.map((each) => each.audience).find((each) => each !== undefined);
  return { ...(asked && { authentication: asked }), ...(audience && { audience }) };
}

/** VirtualServices that do nothing for whoever comes in plain but send him on, by gateway and host. */
class SentOn {
  readonly #hosts = new Map<KubernetesObject, Set<string>>();

  constructor(bound: readonly Bound[]) {
    for (const { object, binding } of bound) {
      const spec = specOf(object);
      if (!itemsIn(spec, "http").some(sendsAllOn)) continue;
      for (const gateway of binding.gateways) {
        const hosts = this.#hosts.get(gateway) ?? new Set<string>();
        this.#hosts.set(gateway, hosts);
        for (const host of textsIn(spec, "hosts")) hosts.add(host);
      }
    }
  }

  /** Whether all hosts of a VirtualService are sent on from a gateway. */
  has({ gateway }: IstioServer, object: KubernetesObject): boolean {
    const hosts = this.#hosts.get(gateway);
    if (hosts === undefined) return false;
    const own = textsIn(specOf(object), "hosts");
    return hosts.has("*") || (own.length > 0 && own.every((host) => hosts.has(host)));
  }
}

function sendsAllOn(rule: Fields): boolean {
  if (textIn(rule.fields("redirect"), "scheme")?.toLowerCase() !== "https") return false;
  return itemsIn(rule, "match").every(({ entries }) => entries.every(({ key }) => key === "port" || key === "scheme"));
}
