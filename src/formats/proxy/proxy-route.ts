/**
 * What a proxy does with the requests of one host and path, in the form that Caddy, nginx and Traefik share, before the
 * names in it are looked up among the workloads of a system.
 */
import { type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Ref, Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Asking, ConfigInput, Lead } from "../config-format.ts";
import { delegationKey, withWorkloads } from "./delegation.ts";

/** Where requests end. */
export type Upstream =
  | { readonly kind: "address"; readonly host: string; readonly port: number; readonly place: Place }
  /** The proxy serves files itself. */
  | { readonly kind: "files"; readonly place: Place }
  /** A workload that is known already; with `container` the one whose labels define it, even where the port is not known. */
  | {
      readonly kind: "target";
      readonly target: Route["target"];
      readonly container?: Ref<"workload">;
      readonly place: Place;
    }
  | { readonly kind: "unknown"; readonly why: string; readonly place: Place };

export interface ProxyRoute
  extends Pick<
    Route,
    | "host"
    | "path"
    | "audience"
    | "tls"
    | "redirectsToTls"
    | "rateLimit"
    | "loginRateLimit"
    | "authentication"
    | "delegation"
    | "screening"
    | "headers"
    | "edgePorts"
    | "transport"
    | "relay"
    | "owner"
    | "leadsToOwner"
    | "place"
  > {
  /** At least one; each that is another workload makes a route of its own. */
  readonly upstreams: readonly Upstream[];
}

type Target = Route["target"];

/** Who looks names up, and the proxy that routes are named after. */
type Surroundings = Asking & Pick<ConfigInput, "owner" | "path">;

/** The subjects of what a proxy's files say, each name once. */
export function routeSubjects(routes: readonly ProxyRoute[], input: Surroundings): readonly Route[] {
  return routes.flatMap((route) => targetsOf(route, input).map((target) => asRoute(route, target, input)));
}

/** The same routes for systems that each look the names up. */
export function leadsOf(routes: readonly ProxyRoute[], { owner, path }: ConfigInput): readonly Lead[] {
  return routes.map((route) => ({
    addresses: addressesOf(route),
    routesIn: (asking) => routeSubjects([route], { ...asking, owner, path }),
  }));
}

/** The addresses among the upstreams of a route. */
export function addressesOf({ upstreams }: Pick<ProxyRoute, "upstreams">): Lead["addresses"] {
  return upstreams.flatMap((upstream) =>
    upstream.kind === "address" ? [{ host: upstream.host, port: upstream.port }] : [],
  );
}

function asRoute(route: ProxyRoute, target: Target, input: Surroundings): Route {
  const { upstreams, delegation, ...facts } = route;
  const host = knownValue(route.host) ?? "?";
  const path = knownValue(route.path) ?? "/?";
  const edge = input.owner?.ref.name ?? input.path.slice(input.path.lastIndexOf("/") + 1);
  return {
    ...facts,
    kind: "route",
    ref: { kind: "route", system: input.system, name: `${edge}/${host}${path === "/" ? "" : path}` },
    lens: input.lens,
    platform: input.platform,
    ...(delegation === undefined ? {} : { delegation: withWorkloads(delegation, input) }),
    edge: input.owner?.ref,
    target,
    whole: true,
  };
}

/** One target for each workload that the upstreams come to; what cannot be told counts only where nothing else is known. */
export function targetsOf(
  { upstreams }: Pick<ProxyRoute, "upstreams">,
  input: Pick<ConfigInput, "find" | "resolve">,
): readonly Target[] {
  const targets = upstreams.map((upstream) => targetOf(upstream, input));
  const known = new Map<string, Target>();
  for (const target of targets) {
    const workload = knownValue(target)?.workload;
    if (workload !== undefined && !known.has(workload.name)) known.set(workload.name, target);
  }
  if (known.size > 0) return [...known.values()];
  const place = upstreams[0]?.place ?? { kind: "nowhere" as const, why: "the proxy names no upstream" };
  return [targets[0] ?? unknown("it names no upstream", place)];
}

function targetOf(upstream: Upstream, input: Pick<ConfigInput, "find" | "resolve">): Target {
  const { place } = upstream;
  switch (upstream.kind) {
    case "unknown":
      return unknown(upstream.why, place);
    case "target":
      return upstream.target;
    case "files":
      return unstated(place);
    case "address": {
      const { host, port } = upstream;
      const found = input.resolve?.(host, port) ?? asResolved(input.find(host, port), port);
      // Something that is no workload of this system: there is no target to name.
      if (found === undefined) return unstated(place);
      if ("doubt" in found) return unknown(found.doubt, place);
      return stated({ workload: found.workload.ref, port: found.port }, place);
    }
  }
}

function asResolved(workload: ReturnType<ConfigInput["find"]>, port: number) {
  return workload === undefined ? undefined : { workload, port };
}

/** Splits `host:port`, `[::1]:80`, `host`. Undefined for what is no address. */
export function splitAddress(text: string, fallbackPort: number): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/[\]{}]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const host = match[1] ?? match[2] ?? "";
  const port = match[3] === undefined ? fallbackPort : Number(match[3]);
  return port > 65_535 ? undefined : { host, port };
}

/** Whether two facts say the same, wherever they stand. */
export function sameFacts(a: ProxyRoute, b: ProxyRoute): boolean {
  return factsKey(a) === factsKey(b);
}

/** What is said of a route beside its path and where it leads, as one text. */
export function factsKey(route: ProxyRoute): string {
  const { audience, tls, redirectsToTls, rateLimit, loginRateLimit, authentication, headers } = route;
  const facts = [route.host, audience, tls, redirectsToTls, rateLimit, loginRateLimit, authentication].map(shownFact);
  const sent = headers.items.map(({ name, value }) => [name, value]);
  const screening = route.screening === undefined ? [] : shownFact(route.screening);
  return JSON.stringify([...facts, sent, headers.complete, delegationKey(route.delegation), screening]);
}

function shownFact(fact: Fact<unknown>): readonly unknown[] {
  return [fact.kind, fact.kind === "unknown" ? fact.why : fact.kind === "unstated" ? undefined : fact.value];
}
