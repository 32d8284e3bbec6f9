import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { Route, Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { ProxyRoute } from "../proxy/proxy-route.ts";
import { clientCertificate, namedEntryPoints, tlsFact, tlsSource } from "./encryption.ts";
import {
  audienceOf,
  authenticationOf,
  type Chain,
  chainOf,
  headersOf,
  joined,
  rateLimitOf,
  redirectOf,
} from "./middlewares.ts";
import { listOf, option, textFact } from "./options.ts";
import type { Defined, Registry } from "./registry.ts";
import { type RuleWay, ruleWays } from "./rule.ts";
import { defaultEntryPoints, type EntryPoint, type TraefikStatic } from "./static.ts";
import { upstreamsOf } from "./upstream.ts";

/** One Traefik with all that it is told. */
export interface Traefik {
  readonly settings: TraefikStatic;
  readonly registry: Registry;
  /** The workload that it runs in, where one is seen. */
  readonly edge: Workload | undefined;
  /** The port that a container without one in its labels is reached at: the lowest that is known. */
  portOf(workload: Workload): number | undefined;
}

/** A route with the name that it has where nothing better is known. */
export interface TraefikRoute extends ProxyRoute {
  readonly name: string;
  readonly whole: boolean;
  /** Whether it leads to Traefik's own dashboard and API. */
  readonly isOwnApi: boolean;
}

/** The routes of every router. A router that only sends on to HTTPS makes none. */
export function traefikRoutes(traefik: Traefik): readonly TraefikRoute[] {
  const { registry } = traefik;
  const routers = registry.all("http", "routers").map((router) => ({ router, served: servedOn(router, traefik) }));
  const http = routers.flatMap(({ router, served }) => httpRoutes(router, served, traefik, routers));
  const tcp = registry.all("tcp", "routers").flatMap((router) => tcpRoutes(router, traefik));
  return [...http, ...tcp];
}

type Served = readonly EntryPoint[] | { readonly why: string; readonly place: Place };

interface ServedRouter {
  readonly router: Defined;
  readonly served: Served;
}

function servedOn(router: Defined, { settings }: Traefik): Served {
  const named = namedEntryPoints(router);
  const place = named?.items[0]?.place ?? router.place;
  if (settings.root === undefined) return { why: settings.why ?? "Traefik's own configuration is not seen", place };
  if (named?.why !== undefined) return { why: named.why, place };
  if (named === undefined) return defaultEntryPoints(settings);
  const found = named.items.map(({ text }) =>
    settings.entryPoints.find(({ name }) => name.toLowerCase() === text.toLowerCase()),
  );
  const missing = named.items.find((_, index) => found[index] === undefined);
  if (missing !== undefined)
    return { why: `the entry point \`${missing.text}\` is defined nowhere`, place: missing.place };
  return found.flatMap((each) => each ?? []);
}

function httpRoutes(
  router: Defined,
  served: Served,
  traefik: Traefik,
  all: readonly ServedRouter[],
): readonly TraefikRoute[] {
  const chain = wholeChain(router, served, traefik);
  const source = tlsSource(router, served);
  const isPlain = source === "off";
  const redirect = redirectOf(chain);
  if (isPlain && redirect !== undefined && knownValue(redirect) === true) return [];
  if (
    isPlain &&
    !("why" in served) &&
    served.length > 0 &&
    served.every((each) => knownValue(each.redirectsToTls) === true)
  )
    return [];
  const rule = ruleOf(router);
  const { place } = rule;
  const whole = traefik.settings.root !== undefined;
  const client = clientCertificate(source, router, traefik.registry);
  return rule.ways.map(
    (way): TraefikRoute => ({
      name: router.name,
      whole,
      place,
      ...(router.owner === undefined ? {} : { owner: router.owner.ref }),
      host: way.host,
      path: way.path,
      upstreams: upstreamsOf(router, traefik, "http"),
      isOwnApi: isOwnApi(router),
      ...portsOf(served, place),
      audience: way.audience ?? audienceOf(chain, place),
      tls: tlsFact(source, router, traefik.registry, whole),
      redirectsToTls: redirectFact(way.host, { router, served }, redirect, all, traefik),
      rateLimit: rateLimitOf(chain, place),
      loginRateLimit: loginLimit(chain, way.path, place),
      authentication: client ?? authenticationOf(chain, place),
      headers: headersOf(chain, place),
    }),
  );
}

function isOwnApi({ node, place }: Defined): boolean {
  return /^(?:api|dashboard|rest)@internal$/i.test(knownValue(textFact(option(node, "service"), place)) ?? "");
}

/** What entry points put before every router, then what the router names itself. */
function wholeChain(router: Defined, served: Served, { registry }: Traefik): Chain {
  const own = chainOf(listOf(option(router.node, "middlewares")), router.provider, registry);
  return "why" in served ? own : joined(entryPointChain(served, registry), own);
}

/** Only what all of them put before it is certain. */
function entryPointChain(served: readonly EntryPoint[], registry: Registry): Chain {
  const chains = served.map((point) => chainOf(point.middlewares, "file", registry));
  const [first, ...others] = chains;
  if (first === undefined) return { middlewares: [], doubt: undefined };
  const alike = others.every(
    (chain) =>
      chain.middlewares.length === first.middlewares.length &&
      chain.middlewares.every(({ node }, index) => node === first.middlewares[index]?.node),
  );
  return alike ? first : { middlewares: [], doubt: "its entry points put different middlewares before it" };
}

interface RouteRule {
  readonly place: Place;
  readonly ways: readonly {
    readonly host: Fact<string>;
    readonly path: Fact<string>;
    readonly audience?: Route["audience"];
  }[];
}

/** The hosts and paths that a rule names, one way for each host. */
function ruleOf(router: Defined): RouteRule {
  const node = option(router.node, "rule");
  const place = node?.place ?? firstPlace(router);
  const same = (fact: Fact<string>): RouteRule => ({ place, ways: [{ host: fact, path: fact }] });
  if (node === undefined)
    return same(unknown("the router has no rule here, and Traefik's own configuration makes one", place));
  const text = textFact(node, place);
  if (text.kind !== "stated") return same(text);
  const ways = ruleWays(text.value);
  if (ways === undefined) return same(unknown("the rule cannot be taken apart", place));
  const patterns = ways.some(({ others }) => others.some((name) => /^(?:Host|HostSNI)Regexp$/i.test(name)));
  if (patterns) return same(unknown("the rule compares with a regular expression", place));
  const byHost = new Map<string, RuleWay[]>();
  for (const way of ways) {
    for (const host of way.hosts.length === 0 ? ["*"] : way.hosts) byHost.set(host, [...(byHost.get(host) ?? []), way]);
  }
  return {
    place,
    ways: [...byHost].map(([host, own]) => ({
      host: stated(host.toLowerCase(), place),
      path: pathIn(own, place),
      ...clientsIn(own, place),
    })),
  };
}

function firstPlace({ node, place }: Defined): Place {
  return node.kind === "mapping" ? ([...node.entries.values()][0]?.value.place ?? place) : place;
}

function pathIn(ways: readonly RuleWay[], place: Place): Fact<string> {
  if (ways.some(({ others }) => others.some((name) => /^PathRegexp$/i.test(name))))
    return unknown("the rule compares with a regular expression", place);
  const paths = new Set(ways.flatMap((way) => way.paths));
  if (paths.size === 0 || ways.some((way) => way.paths.length === 0)) return defaulted("/", "platform", place);
  const [only] = paths;
  return paths.size === 1 && only !== undefined ? stated(only, place) : unknown("the rule names several paths", place);
}

/** `ClientIP` in every way of the rule limits who may come. */
function clientsIn(ways: readonly RuleWay[], place: Place): { readonly audience?: Route["audience"] } {
  if (!ways.every(({ clientRanges }) => clientRanges.length > 0)) return {};
  return {
    audience: stated({ kind: "networks", cidrs: [...new Set(ways.flatMap((way) => way.clientRanges))] }, place),
  };
}

function portsOf(served: Served, place: Place): { readonly edgePorts?: FactList<number> } {
  if ("why" in served) return {};
  const ports = served.flatMap(({ port }) => knownValue(port) ?? []);
  const open = served.find(({ port }) => port.kind === "unknown")?.port;
  return { edgePorts: open?.kind === "unknown" ? incomplete(ports, open.why, place) : complete(ports, place) };
}

const loginPath = /log-?in|sign-?in|auth|session|wp-admin|password/i;

function loginLimit(chain: Chain, path: Fact<string>, place: Place): Route["loginRateLimit"] {
  const limit = rateLimitOf(chain, place);
  const known = knownValue(limit);
  const isTight = known !== undefined && known !== "none" && known.requests / known.windowSeconds <= 0.5;
  if (isTight || (known !== undefined && loginPath.test(knownValue(path) ?? ""))) return limit;
  return unstated(place);
}

/** What becomes of plain HTTP for a host. */
function redirectFact(
  host: Fact<string>,
  own: ServedRouter,
  redirect: Fact<boolean> | undefined,
  all: readonly ServedRouter[],
  { settings, registry }: Traefik,
): Fact<boolean> {
  const { place } = own.router;
  if (redirect !== undefined) return redirect;
  if (settings.root === undefined) return unknown(settings.why ?? "Traefik's own configuration is not seen", place);
  if (tlsSource(own.router, own.served) === "off") return stated(false, place);
  const plain = settings.entryPoints.filter(
    ({ tls, isUdp, name }) => tls === undefined && !isUdp && name !== "traefik",
  );
  const open = plain.filter((each) => knownValue(each.redirectsToTls) !== true && !isServedEncrypted(each, own.served));
  const [first] = open;
  if (first === undefined)
    return plain.length === 0 ? stated(true, place) : (plain[0]?.redirectsToTls ?? stated(true, place));
  const name = knownValue(host);
  const others = all.filter(({ router, served }) => {
    if ("why" in served || tlsSource(router, served) !== "off" || !served.some((each) => open.includes(each)))
      return false;
    return ruleOf(router).ways.some(
      (way) => knownValue(way.host) === name || knownValue(way.host) === "*" || way.host.kind === "unknown",
    );
  });
  const answers = others.filter(
    ({ router }) =>
      knownValue(
        redirectOf(chainOf(listOf(option(router.node, "middlewares")), router.provider, registry)) ??
          stated(false, place),
      ) !== true,
  );
  const [answering] = answers;
  // Without a router of its own plain HTTP gets no answer but 404.
  return answering === undefined
    ? stated(true, others[0]?.router.place ?? first.place)
    : stated(false, answering.router.place);
}

/** Whether an entry point is one that the router itself encrypts: `tls` on the router counts on all of its entry points. */
function isServedEncrypted(point: EntryPoint, served: Served): boolean {
  return !("why" in served) && served.includes(point);
}

function tcpRoutes(router: Defined, traefik: Traefik): readonly TraefikRoute[] {
  const { place } = router;
  const served = servedOn(router, traefik);
  const chain = chainOf(listOf(option(router.node, "middlewares")), router.provider, traefik.registry, "tcp");
  const source = tlsSource(router, served);
  const passed = option(router.node, "tls", "passthrough");
  const isPassed = passed !== undefined && knownValue(textFact(passed, place)) === "true";
  const notHttp = <T>() => unknown<T>("no HTTP is spoken there", place);
  const { ways } = ruleOf(router);
  return ways.map(
    ({ host }): TraefikRoute => ({
      name: router.name,
      whole: traefik.settings.root !== undefined,
      transport: "tcp",
      place,
      ...(router.owner === undefined ? {} : { owner: router.owner.ref }),
      host,
      path: defaulted("/", "platform", place),
      upstreams: upstreamsOf(router, traefik, "tcp"),
      isOwnApi: false,
      ...portsOf(served, place),
      audience: audienceOf(chain, place),
      tls: isPassed
        ? unknown("the service behind it speaks TLS itself", place)
        : tlsFact(source, router, traefik.registry, false),
      redirectsToTls: notHttp(),
      rateLimit: notHttp(),
      loginRateLimit: notHttp(),
      authentication: notHttp(),
      headers: incomplete([], "no HTTP is spoken there", place),
    }),
  );
}
