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
import type { ProxyRoute, Upstream } from "../proxy/proxy-route.ts";
import { clientCertificate, tlsFact, tlsSource } from "./encryption.ts";
import { audienceOf, authenticationOf, type Chain, headersOf, rateLimitOf, redirectOf } from "./middlewares.ts";
import { option, textFact } from "./options.ts";
import { type PlainAnswer, PlainAnswers } from "./plain-answers.ts";
import type { Defined, Registry } from "./registry.ts";
import { ruleOf } from "./router-rule.ts";
import { screeningOf } from "./screening.ts";
import { type Served, type ServedRouter, servedRouter } from "./served-router.ts";
import type { EntryPoint, TraefikStatic } from "./static.ts";
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
  const routers = registry.all("http", "routers").map((router) => servedRouter(router, traefik, "http"));
  const answers = new PlainAnswers(routers);
  const http = routers.flatMap((each) => httpRoutes(each, traefik, answers));
  const tcp = registry.all("tcp", "routers").flatMap((router) => tcpRoutes(router, traefik));
  return [...http, ...tcp];
}

function httpRoutes(own: ServedRouter, traefik: Traefik, answers: PlainAnswers): readonly TraefikRoute[] {
  const { router, served, chain } = own;
  const source = tlsSource(router, served);
  const redirect = redirectOf(chain);
  const rule = ruleOf(router);
  if (redirectsOnly(own, redirect)) return [];
  const { place } = rule;
  const whole = traefik.settings.root !== undefined;
  const client = clientCertificate(source, router, traefik.registry);
  const upstreams = upstreamsOf(router, traefik, "http");
  const ways = rule.ways.filter(({ host }) => !isBesideEncrypted(host, own, redirect, answers));
  return ways.map(
    (way): TraefikRoute => ({
      name: router.name,
      whole,
      place,
      ...(router.owner === undefined ? {} : { owner: router.owner.ref }),
      ...(leadsTo(router.owner, upstreams) ? { leadsToOwner: true as const } : {}),
      host: way.host,
      path: way.path,
      upstreams,
      isOwnApi: isOwnApi(router),
      ...portsOf(served, place),
      audience: way.audience ?? audienceOf(chain, place),
      tls: tlsFact(source, router, traefik.registry, whole),
      redirectsToTls: redirectFact(way.host, own, redirect, answers, traefik),
      rateLimit: rateLimitOf(chain, place),
      loginRateLimit: loginLimit(chain, way.path, place),
      ...(client === undefined ? authenticationOf(chain, place) : { authentication: client }),
      headers: headersOf(chain, place),
      screening: screeningOf(chain, place),
    }),
  );
}

/** Whether they lead to the container whose own labels ask for the route, and do not tell its port. */
function leadsTo(owner: Workload | undefined, upstreams: readonly Upstream[]): boolean {
  const [only, second] = upstreams;
  return (
    owner !== undefined &&
    second === undefined &&
    only?.kind === "target" &&
    only.container?.name === owner.ref.name &&
    only.target.kind === "unknown"
  );
}

/** Whether plain HTTP is all that it gets, and it sends that on. */
function redirectsOnly({ router, served }: ServedRouter, redirect: Fact<boolean> | undefined): boolean {
  if (tlsSource(router, served) !== "off") return false;
  if (redirect !== undefined && knownValue(redirect) === true) return true;
  return !("why" in served) && served.length > 0 && served.every((each) => knownValue(each.redirectsToTls) === true);
}

/** The same where the entry points are not seen: it sends on, and another router has TLS for that host. */
function isBesideEncrypted(
  host: Fact<string>,
  { router, served }: ServedRouter,
  redirect: Fact<boolean> | undefined,
  answers: PlainAnswers,
): boolean {
  if (!("why" in served) || option(router.node, "tls") !== undefined) return false;
  return redirect !== undefined && knownValue(redirect) === true && answers.isEncrypted(knownValue(host));
}

function isOwnApi({ node, place }: Defined): boolean {
  return /^(?:api|dashboard|rest)@internal$/i.test(knownValue(textFact(option(node, "service"), place)) ?? "");
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
  { router, served }: ServedRouter,
  redirect: Fact<boolean> | undefined,
  answers: PlainAnswers,
  { settings }: Traefik,
): Fact<boolean> {
  const { place } = router;
  if (redirect !== undefined) return redirect;
  if (settings.root === undefined) return redirectSupposed(host, settings, answers, place);
  const source = tlsSource(router, served);
  if (source === "off") return stated(false, place);
  if ("why" in source) return unknown(source.why, source.place);
  const plain = settings.entryPoints.filter(
    ({ tls, isUdp, name }) => tls === undefined && !isUdp && name !== "traefik",
  );
  const open = plain.filter((each) => knownValue(each.redirectsToTls) !== true && !isServedEncrypted(each, served));
  const [first] = open;
  if (first === undefined) return plain[0]?.redirectsToTls ?? stated(true, place);
  const name = knownValue(host);
  const doubtful = answers.supposed(name)[0]?.served;
  const told = sentOn(answers.to(name, open));
  if (doubtful !== undefined && "why" in doubtful && (told === undefined || knownValue(told) === true))
    return unknown(doubtful.why, doubtful.place);
  return told ?? stated(true, first.place);
}

/** Whether all that answer plain HTTP send it on; undefined where none answers, since without a router there is only 404. */
function sentOn(found: readonly PlainAnswer[]): Fact<boolean> | undefined {
  const facts = found.map(({ redirects }) => redirects);
  return facts.find((fact) => knownValue(fact) === false) ?? facts.find((fact) => fact.kind === "unknown") ?? facts[0];
}

/** Without Traefik's own configuration: a router of the same host that sends on says so all the same. */
function redirectSupposed(
  host: Fact<string>,
  { why }: TraefikStatic,
  answers: PlainAnswers,
  place: Place,
): Fact<boolean> {
  const told = sentOn(answers.supposed(knownValue(host)));
  return told !== undefined && knownValue(told) === true
    ? told
    : unknown(why ?? "Traefik's own configuration is not seen", place);
}

/** Whether an entry point is one that the router itself encrypts: `tls` on the router counts on all of its entry points. */
function isServedEncrypted(point: EntryPoint, served: Served): boolean {
  return !("why" in served) && served.includes(point);
}

function tcpRoutes(router: Defined, traefik: Traefik): readonly TraefikRoute[] {
  const { place } = router;
  const { served, chain } = servedRouter(router, traefik, "tcp");
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
