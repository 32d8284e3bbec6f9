/**
 * Traefik's own kinds in a cluster: what they say as its dynamic configuration.
 *
 * Source: Traefik 3.7, "Kubernetes CRD" (reference/routing-configuration/kubernetes/crd) and its provider `kubernetescrd`:
 * what an object defines is called `NAMESPACE-NAME`, with every character but letters and digits made a hyphen.
 */
import { knownValue } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, TreeNode } from "../tree.ts";
import { entriesOf, membersOf, option, scalarOf, textFact } from "./options.ts";
import { type DynamicSource, type Provider, Registry } from "./registry.ts";
import { type TraefikRoute, traefikRoutes } from "./routes.ts";
import type { TraefikStatic } from "./static.ts";
import { type DynamicFiles, unseenBy } from "./traefik-format.ts";

/** An object of `traefik.io` or, before Traefik 3, of `traefik.containo.us`. */
export interface TraefikObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly node: MappingNode;
  readonly place: Place;
}

/** Whom a route leads to: a Service of the cluster, or why that cannot be told, as a clause. */
export type ClusterBackend =
  | {
      readonly namespace: string;
      readonly name: string;
      readonly port: number | string | undefined;
      readonly place: Place;
    }
  | { readonly why: string; readonly place: Place };

/** A route with the object that asks for it. */
export interface ClusterRoute<T extends TraefikObject> {
  readonly object: T;
  readonly route: TraefikRoute;
  readonly backends: readonly ClusterBackend[];
}

/** What Traefik makes of a cluster's objects. */
export class TraefikCluster<T extends TraefikObject> {
  /** What the objects define. */
  readonly own: Registry;
  /** That, and what its files define beside them. */
  readonly registry: Registry;
  readonly #routers: ReadonlyMap<string, Router<T>>;
  readonly #services: ReadonlyMap<string, T>;

  /** `unseen`: why there may be more objects, as a clause. `files`: what the file provider of the same Traefik reads. */
  constructor(objects: readonly T[], unseen?: string, files?: DynamicFiles) {
    const routers = objects.flatMap((object) => routersOf(object));
    this.#routers = new Map(routers.map((router) => [router.name, router] as const));
    this.#services = new Map(objects.flatMap((each) => (each.kind === "TraefikService" ? [[idOf(each), each]] : [])));
    const source: DynamicSource = { provider: "kubernetescrd", root: definitions(objects, routers) };
    const hidden = new Map<Provider, string>(unseen === undefined ? [] : [["kubernetescrd", unseen]]);
    this.own = new Registry([source], hidden);
    this.registry =
      files === undefined
        ? this.own
        : new Registry([source, ...files.sources], new Map([...hidden, ...unseenBy(files)]));
  }

  routes(settings: TraefikStatic): readonly ClusterRoute<T>[] {
    const { registry } = this;
    return traefikRoutes({ settings, registry, edge: undefined, portOf: () => undefined }).flatMap((route) => {
      const router = this.#routers.get(route.name);
      if (router === undefined) return [];
      return [{ object: router.object, route, backends: this.#backends(router) }];
    });
  }

  #backends({ object, route }: Router<T>): readonly ClusterBackend[] {
    const named = membersOf(option(route, "services"));
    const seen = new Set<TreeNode>();
    const found = named.flatMap((each) => this.#leadsTo(each, object.namespace, seen));
    return found.length > 0 ? found : [{ why: "the route names no service", place: route.place }];
  }

  /** `seen`: what was followed already, since services may lead into one another. */
  #leadsTo(node: TreeNode, from: string, seen: Set<TreeNode>): readonly ClusterBackend[] {
    const { place } = node;
    if (seen.has(node)) return [];
    seen.add(node);
    const name = nameOf(node);
    if (name === undefined) return [{ why: "the name of its service is not resolved", place }];
    const own = textFact(option(node, "namespace"), place);
    if (own.kind === "unknown") return [{ why: own.why, place }];
    const namespace = knownValue(own) ?? from;
    if (knownValue(textFact(option(node, "kind"), place)) !== "TraefikService")
      return [{ namespace, name, port: portOf(node), place }];
    if (name.endsWith("@internal")) return [{ why: "Traefik itself answers", place }];
    const service = this.#services.get(identifier(namespace, name));
    if (service === undefined)
      return [{ why: `the TraefikService ${namespace}/${name} is not among the files`, place }];
    return behind(service).flatMap((each) => this.#leadsTo(each, namespace, seen));
  }
}

/** Those that a TraefikService spreads requests over; those that get copies of them count too. */
function behind({ node }: TraefikObject): readonly TreeNode[] {
  return entriesOf(option(node, "spec")).flatMap(({ value }) => [
    ...(option(value, "name") === undefined ? [] : [value]),
    ...["services", "mirrors"].flatMap((key) => membersOf(option(value, key))),
    ...["service", "fallback"].flatMap((key) => option(value, key) ?? []),
  ]);
}

function portOf(node: TreeNode): number | string | undefined {
  const text = knownValue(textFact(option(node, "port"), node.place));
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : text;
}

interface Router<T extends TraefikObject> {
  /** Its own, so that no two are taken for one: nothing refers to it. */
  readonly name: string;
  readonly layer: "http" | "tcp";
  readonly object: T;
  readonly route: TreeNode;
  readonly node: MappingNode;
}

function routersOf<T extends TraefikObject>(object: T): readonly Router<T>[] {
  const layer = object.kind === "IngressRoute" ? "http" : object.kind === "IngressRouteTCP" ? "tcp" : undefined;
  if (layer === undefined) return [];
  const spec = option(object.node, "spec");
  return membersOf(option(spec, "routes")).map((route, index) => ({
    name: `${object.namespace}/${object.name}/${layer}/${index}`,
    layer,
    object,
    route,
    node: mapping(route.place, [
      ["entryPoints", option(spec, "entryPoints")],
      ["rule", option(route, "match")],
      ["middlewares", references(option(route, "middlewares"), object.namespace)],
      ["tls", encryption(option(spec, "tls"), object.namespace)],
      ["service", ownService(route)],
    ]),
  }));
}

/** `api@internal` is the one service that is Traefik itself. */
function ownService(route: TreeNode): TreeNode | undefined {
  return membersOf(option(route, "services"))
    .map((each) => option(each, "name"))
    .find((name) => name !== undefined && knownValue(textFact(name, name.place))?.endsWith("@internal") === true);
}

function encryption(tls: TreeNode | undefined, namespace: string): TreeNode | undefined {
  const options = option(tls, "options");
  if (tls?.kind !== "mapping" || options === undefined) return tls;
  const others = entriesOf(tls).filter(({ key }) => key.toLowerCase() !== "options");
  return mapping(tls.place, [
    ...others.map(({ key, value }) => [key, value] as const),
    ["options", nameOf(options) === "default" ? option(options, "name") : reference(options, namespace)],
  ]);
}

/** All that objects define, as one tree in the form of the file provider. */
function definitions<T extends TraefikObject>(objects: readonly T[], routers: readonly Router<T>[]): MappingNode {
  const [first] = objects;
  const place: Place = first?.place ?? { kind: "nowhere", why: "the cluster has no object of Traefik's" };
  const of = (kind: string) =>
    objects.filter((object) => object.kind === kind).map((object) => [idOf(object), specOf(object)] as const);
  const routed = (layer: "http" | "tcp") =>
    mapping(
      place,
      routers.filter((router) => router.layer === layer).map(({ name, node }) => [name, node] as const),
    );
  const layerOf = (layer: "http" | "tcp", suffix: string) =>
    mapping(place, [
      ["routers", routed(layer)],
      ["middlewares", mapping(place, of(`Middleware${suffix}`))],
      ["serversTransports", mapping(place, of(`ServersTransport${suffix}`))],
    ]);
  const options = objects
    .filter(({ kind }) => kind === "TLSOption")
    .map((object) => [object.name === "default" ? "default" : idOf(object), specOf(object)] as const);
  return mapping(place, [
    ["http", layerOf("http", "")],
    ["tcp", layerOf("tcp", "TCP")],
    ["tls", mapping(place, [["options", mapping(place, options)]])],
  ]);
}

/** An object's `spec`, with the names in a chain as the names of what they mean. */
function specOf({ node, namespace, place }: TraefikObject): MappingNode {
  const spec = option(node, "spec");
  return mapping(
    place,
    entriesOf(spec).map(({ key, value }) => [key, key.toLowerCase() === "chain" ? chain(value, namespace) : value]),
  );
}

function chain(node: TreeNode, namespace: string): TreeNode {
  return mapping(node.place, [["middlewares", references(option(node, "middlewares"), namespace)]]);
}

function references(node: TreeNode | undefined, namespace: string): TreeNode | undefined {
  if (node?.kind !== "sequence") return node;
  const sequence: SequenceNode = { ...node, items: node.items.map((each) => reference(each, namespace)) };
  return sequence;
}

/** `{name, namespace}` as a name: `NAMESPACE-NAME`, or `name@provider` as it stands. */
function reference(node: TreeNode, namespace: string): ScalarNode {
  const { place } = node;
  const scalar = scalarOf(option(node, "name"));
  const own = textFact(option(node, "namespace"), place);
  const unresolved = scalar?.unresolved ?? (own.kind === "unknown" ? own.why : undefined);
  const name = scalar === undefined || scalar.value === null ? "" : String(scalar.value);
  const value = name.includes("@") ? name : identifier(knownValue(own) ?? namespace, name);
  return { kind: "scalar", value, place, ...(unresolved === undefined ? {} : { unresolved }) };
}

function nameOf(node: TreeNode): string | undefined {
  return knownValue(textFact(option(node, "name"), node.place));
}

function idOf({ namespace, name }: TraefikObject): string {
  return identifier(namespace, name);
}

/** What the provider calls an object: `shop-login` for `login` of the namespace `shop`. */
export function identifier(namespace: string, name: string): string {
  return `${namespace}-${name}`.replace(/[^\p{L}\p{N}]+/gu, "-");
}

function mapping(place: Place, members: readonly (readonly [key: string, value: TreeNode | undefined])[]): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const [key, value] of members) {
    if (value !== undefined && !entries.has(key)) entries.set(key, { key, keyPlace: value.place, value });
  }
  return { kind: "mapping", entries, place };
}
