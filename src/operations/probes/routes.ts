import ipaddr from "ipaddr.js";
import type { Attempt } from "../../contracts/probe.ts";
import type { ResolvedRoute } from "../../contracts/resolved.ts";
import { complete, type Fact, incomplete, stated, unknown } from "../../facts/fact.ts";
import type { Ref, Route } from "../../facts/subjects.ts";
import { cidrOf } from "../../lib/cidr.ts";
import type { Place } from "../../lib/place.ts";
import type { AgentRequest, AgentResponse } from "./agent-protocol.ts";
import type { Agents, NetworkPlace } from "./agents.ts";
import { askFrom } from "./namespace.ts";
import type { OutsideWorld } from "./outside.ts";
import { hostAddresses } from "./target.ts";

/** Where a route is served on the host, as the world beyond sees it. */
export interface EdgeDoor {
  readonly address: string;
  readonly httpsPort: number | undefined;
  readonly httpPort: number | undefined;
}

export interface RouteProbeOptions {
  readonly agents: Agents;
  readonly timeoutMs: number;
  /** The stack's name, for refs. */
  readonly system: string;
  readonly platform: Route["platform"];
  /** Names a route the way the declared facts do. */
  readonly refOf: (route: ResolvedRoute) => Ref<"route">;
}

/** A place to ask from, and whether the route's audience includes it. */
interface Asker {
  readonly place: NetworkPlace;
  readonly from: string;
}

export interface MeasuredRoute {
  readonly facts: Route;
  readonly attempts: readonly Attempt[];
  readonly blind: readonly string[];
}

/**
 * Asks one route as its audience would and as a stranger would, from a namespace beyond the host: headers, the oldest TLS
 * that is taken, the redirect from plain HTTP, the allow-list, the rate limits. What could not be asked is unknown.
 */
export async function measureRoute(
  route: ResolvedRoute,
  door: EdgeDoor,
  world: OutsideWorld,
  options: RouteProbeOptions,
): Promise<MeasuredRoute> {
  const place: Place = { kind: "object", locator: `probe of https://${route.host}${route.path}` };
  const beyond: NetworkPlace = { kind: "named", name: world.namespace };
  const stranger: Asker | undefined = strangerOf(route, world, beyond);
  const friend = await friendOf(route, world, beyond);
  const asked = new Asking(route, door, options);
  const blind: string[] = [];
  if (friend === undefined)
    blind.push(
      `${route.host}: no address of its audience is free to ask from, so only what a stranger sees was measured.`,
    );
  if (door.httpsPort === undefined) blind.push(`${route.host}: its edge publishes no port for HTTPS.`);

  const main = friend === undefined ? undefined : await asked.first(friend, route.path);
  const facts: Route = {
    kind: "route",
    ref: options.refOf(route),
    lens: "measured",
    platform: options.platform,
    place,
    host: stated(route.host, place),
    path: stated(route.path, place),
    edge: { kind: "workload", system: options.system, name: route.edge },
    target: stated(
      { workload: { kind: "workload", system: options.system, name: route.service }, port: route.port },
      place,
    ),
    audience: await measureAudience(route, asked, { stranger, friend, answered: main?.outcome === "answered" }, place),
    tls: await measureTls(asked, friend, main, place),
    redirectsToTls: await measureRedirect(asked, friend, place),
    authentication: stated(route.authentication, place),
    headers: headersOf(main, place),
    loginRateLimit: await measureLimit(asked, friend, route.loginRateLimit, route.loginPaths[0] ?? "/login", place),
    rateLimit: await measureLimit(asked, friend, route.rateLimit, route.path, place),
  };
  return { facts, attempts: asked.attempts, blind };
}

/** Sends requests for one route and keeps each as an attempt. */
class Asking {
  readonly attempts: Attempt[] = [];
  readonly #route: ResolvedRoute;
  readonly #door: EdgeDoor;
  readonly #options: RouteProbeOptions;
  #scheme: "http" | "https" = "https";

  constructor(route: ResolvedRoute, door: EdgeDoor, options: RouteProbeOptions) {
    this.#route = route;
    this.#door = door;
    this.#options = options;
  }

  /**
   * The first request. Where no TLS is spoken on the port for it, the route is asked without from then on, so that a
   * route in the clear is measured and not merely out of reach.
   */
  async first(asker: Asker, path: string): Promise<AgentResponse | undefined> {
    const response = await this.https(asker, path);
    if (response === undefined || response.outcome === "answered" || response.outcome === "silent") return response;
    const plain = await this.#one(asker, "http", this.#door.httpsPort, path, {});
    if (plain?.outcome !== "answered") return response;
    this.#scheme = "http";
    return plain;
  }

  https(asker: Asker, path: string, more: Partial<AgentRequest> = {}): Promise<AgentResponse | undefined> {
    return this.#one(asker, this.#scheme, this.#door.httpsPort, path, more);
  }

  /** True where the port for TLS answers without it. */
  get inTheClear(): boolean {
    return this.#scheme === "http";
  }

  http(asker: Asker, path: string): Promise<AgentResponse | undefined> {
    return this.#one(asker, "http", this.#door.httpPort, path, {});
  }

  get hasPlainHttp(): boolean {
    return this.#door.httpPort !== undefined;
  }

  /** The same request many times, several at once; one attempt is kept for the lot. */
  async many(asker: Asker, path: string, count: number): Promise<readonly AgentResponse[]> {
    const port = this.#door.httpsPort;
    if (port === undefined) return [];
    const requests = Array.from({ length: count }, (_, id) => this.#request(id, asker, this.#scheme, port, path, {}));
    const responses = [...(await askFrom(asker.place, requests, { ...this.#options, concurrency: 16 })).values()];
    const limited = responses.filter((response) => response.status === 429).length;
    this.#keep(asker, `${count} × GET ${path}`, "answered", `${limited} of ${responses.length} answers were 429`, 0);
    return responses;
  }

  async #one(
    asker: Asker,
    scheme: "http" | "https",
    port: number | undefined,
    path: string,
    more: Partial<AgentRequest>,
  ): Promise<AgentResponse | undefined> {
    if (port === undefined) return undefined;
    const responses = await askFrom(asker.place, [this.#request(0, asker, scheme, port, path, more)], {
      ...this.#options,
      concurrency: 1,
    });
    const response = responses.get(0);
    if (response !== undefined) {
      const what = `GET ${scheme}://${this.#route.host}${path}${more.newestTls === undefined ? "" : ` with ${more.newestTls}`}`;
      this.#keep(asker, what, outcomeOf(response), response.detail, response.milliseconds);
    }
    return response;
  }

  #request(
    id: number,
    asker: Asker,
    scheme: "http" | "https",
    port: number,
    path: string,
    more: Partial<AgentRequest>,
  ): AgentRequest {
    return {
      id,
      scheme,
      address: this.#door.address,
      port,
      host: this.#route.host,
      path,
      method: "GET",
      from: asker.from,
      ...more,
    };
  }

  #keep(asker: Asker, what: string, outcome: Attempt["outcome"], evidence: string, milliseconds: number): void {
    this.attempts.push({
      from: `outside (${asker.from})`,
      to: this.#route.host,
      what,
      outcome,
      evidence,
      milliseconds,
    });
  }
}

function outcomeOf(response: AgentResponse): Attempt["outcome"] {
  switch (response.outcome) {
    case "answered":
      return "answered";
    case "aborted":
    case "silent":
      return "blocked";
    case "refused":
    case "tls-refused":
      return "refused";
    case "error":
      return "error";
  }
}

/** Whoever is not of the audience; undefined for a public route, and where the world's own address is of it. */
function strangerOf(route: ResolvedRoute, world: OutsideWorld, place: NetworkPlace): Asker | undefined {
  if (route.audience.kind === "public") return undefined;
  const own = world.addresses.find((entry) => entry.family === 4)?.address;
  return own === undefined || within(own, route.audience.cidrs) ? undefined : { place, from: own };
}

/** Documentation addresses (RFC 5737) beside those of the world itself: whoever asks from there is nobody. */
const nobodys = ["203.0.113.0/24", "192.0.2.0/24"];

/**
 * An asker of the audience: an address beyond the host that is nobody's, or else the host itself, where it is in the
 * audience's own network.
 */
async function friendOf(route: ResolvedRoute, world: OutsideWorld, place: NetworkPlace): Promise<Asker | undefined> {
  for (const cidr of route.audience.kind === "public" ? nobodys : route.audience.cidrs) {
    const address = await world.borrow(cidr);
    if (address !== undefined) return { place, from: address };
  }
  if (route.audience.kind === "public") return undefined;
  const { cidrs } = route.audience;
  const own = hostAddresses().find(({ address, family }) => family === 4 && within(address, cidrs));
  return own === undefined ? undefined : { place: { kind: "host" }, from: own.address };
}

/** Whether an address lies in one of the networks; a network that does not parse holds nothing. */
export function within(address: string, cidrs: readonly string[]): boolean {
  const parsed = ipaddr.parse(address);
  return cidrs.some((cidr) => {
    const known = cidrOf(cidr);
    if (known === undefined) return false;
    const [network, bits] = known;
    return network.kind() === parsed.kind() && parsed.match(network, bits);
  });
}

/**
 * Asks as a stranger, and again with headers that claim to come from the audience. That nobody answered the stranger
 * proves something only when somebody of the audience was answered in the same run.
 */
async function measureAudience(
  route: ResolvedRoute,
  asked: Asking,
  askers: { readonly stranger: Asker | undefined; readonly friend: Asker | undefined; readonly answered: boolean },
  place: Place,
): Promise<Route["audience"]> {
  const { stranger, friend } = askers;
  if (route.audience.kind === "public") return stated(route.audience, place);
  if (stranger === undefined)
    return unknown("every address that the probe can ask from belongs to the audience", place);
  const claims = friend === undefined ? {} : { "x-forwarded-for": friend.from, "x-real-ip": friend.from };
  for (const headers of [{}, claims]) {
    const response = await asked.https(stranger, route.path, { headers });
    if (response === undefined) return unknown("the edge publishes no port for HTTPS", place);
    const forged = Object.keys(headers).length > 0 ? ", who claimed to be somebody else," : "";
    if (response.outcome === "answered")
      return stated(
        { kind: "public" },
        {
          kind: "object",
          locator: `a stranger at ${stranger.from}${forged} was answered with status ${response.status ?? 0}`,
        },
      );
    if (response.outcome === "error" || response.outcome === "refused")
      return unknown(`the stranger's request failed: ${response.detail}`, place);
  }
  return askers.answered
    ? stated(route.audience, place)
    : unknown("nobody of the audience was answered either, so that the stranger's silence proves nothing", place);
}

async function measureTls(
  asked: Asking,
  friend: Asker | undefined,
  main: AgentResponse | undefined,
  place: Place,
): Promise<Route["tls"]> {
  if (friend === undefined || main === undefined) return unknown("nobody of the audience could ask", place);
  if (asked.inTheClear) return stated("none", place);
  if (main.outcome !== "answered") return unknown(`the route gave no answer over TLS: ${main.detail}`, place);
  for (const [version, minimum] of [
    ["TLSv1", "1.0"],
    ["TLSv1.1", "1.1"],
    ["TLSv1.2", "1.2"],
  ] as const) {
    const response = await asked.https(friend, "/", { newestTls: version });
    if (response?.outcome === "answered") return stated({ minimum }, place);
  }
  return stated({ minimum: "1.3" }, place);
}

async function measureRedirect(asked: Asking, friend: Asker | undefined, place: Place): Promise<Fact<boolean>> {
  if (!asked.hasPlainHttp) return stated(true, { kind: "object", locator: "no port for plain HTTP is published" });
  if (friend === undefined) return unknown("nobody of the audience could ask", place);
  const response = await asked.http(friend, "/");
  if (response === undefined || response.outcome === "error" || response.outcome === "silent")
    return unknown("plain HTTP gave no clear answer", place);
  if (response.outcome !== "answered") return stated(true, place);
  const location = response.headers.location ?? "";
  return stated([301, 302, 307, 308].includes(response.status ?? 0) && location.startsWith("https://"), place);
}

function headersOf(main: AgentResponse | undefined, place: Place): Route["headers"] {
  if (main === undefined || main.outcome !== "answered")
    return incomplete([], "the route gave no answer to read headers from", place);
  return complete(
    Object.entries(main.headers).map(([name, value]) => ({ name, value, place })),
    place,
  );
}

/** Sends a fifth more than the limit, at least two more, and counts what is not answered 429. */
async function measureLimit(
  asked: Asking,
  friend: Asker | undefined,
  declared: ResolvedRoute["rateLimit"],
  path: string,
  place: Place,
): Promise<Route["rateLimit"]> {
  if (declared === undefined) return stated("none", place);
  if (friend === undefined) return unknown("nobody of the audience could ask", place);
  const responses = await asked.many(friend, path, declared.requests + Math.max(2, Math.ceil(declared.requests / 5)));
  const answered = responses.filter((response) => response.outcome === "answered");
  if (answered.length === 0) return unknown("the route gave no answers to count", place);
  const passed = answered.filter((response) => response.status !== 429).length;
  if (passed === answered.length) return stated("none", place);
  return stated({ requests: Math.max(passed, declared.requests), windowSeconds: declared.windowSeconds }, place);
}
