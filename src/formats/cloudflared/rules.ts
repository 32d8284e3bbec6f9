import type { Named } from "../../facts/configuration/proxy.ts";
import { complete, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { isLoopback } from "../../lib/own-address.ts";
import type { Place } from "../../lib/place.ts";
import { asBoolean, asText, type Fields } from "../fields.ts";
import type { ProxyRoute, Upstream } from "../proxy/proxy-route.ts";

/** How cloudflared speaks to a service; what a rule leaves out is as the file says for all. */
export interface Origin {
  readonly noTlsVerify: Fact<boolean>;
  /** Whether what did not pass Cloudflare Access is refused here. */
  readonly accessRequired: Fact<boolean>;
}

/** One of the rules that say where requests go. */
export interface IngressRule {
  /** Undefined where it leads to nothing: an answer of its own. */
  readonly route: ProxyRoute | undefined;
  /** The server that it speaks TLS to without a look at the certificate. */
  readonly unverified: Named | undefined;
  /** Why that cannot be told. */
  readonly hidden: string | undefined;
}

/**
 * Source: cloudflared, `config/configuration.go`: `access.required` fails every request that did not come through a
 * hostname that Access asks at; both switches are off unless they are set.
 */
export function originOf(fields: Fields, usual: Origin | undefined): Origin {
  const own = fields.fact("noTLSVerify", asBoolean, "true or false", unstated);
  const access = fields.fields("access").fact("required", asBoolean, "true or false", unstated);
  return {
    noTlsVerify: own.kind === "unstated" && usual !== undefined ? usual.noTlsVerify : own,
    accessRequired: access.kind === "unstated" && usual !== undefined ? usual.accessRequired : access,
  };
}

/** One rule; `key` is where the service stands. */
export function ruleOf(fields: Fields, usual: Origin, key: "service" | "url"): IngressRule {
  const origin = originOf(fields.fields("originRequest"), usual);
  const service = fields.fact(key, asText, "a text", unstated);
  const place = service.place;
  const address = addressOf(service);
  if (address === "nothing") return { route: undefined, unverified: undefined, hidden: undefined };
  const { upstream, tls, transport } = address;
  const route = routeOf(fields, upstream, { origin, transport });
  // What stays on the machine passes nobody who could stand between.
  if (!tls || upstream.kind !== "address" || isLoopback(upstream.host))
    return { route, unverified: undefined, hidden: undefined };
  const { noTlsVerify } = origin;
  if (noTlsVerify.kind === "unknown") return { route, unverified: undefined, hidden: noTlsVerify.why };
  const unverified =
    knownValue(noTlsVerify) === true ? { name: `${upstream.host}:${upstream.port}`, place } : undefined;
  return { route, unverified, hidden: undefined };
}

function routeOf(
  fields: Fields,
  upstream: Upstream,
  { origin, transport }: { readonly origin: Origin; readonly transport: "http" | "tcp" },
): ProxyRoute {
  const { place } = upstream;
  const host = fields.fact("hostname", asText, "a text", unstated);
  const path = fields.fact("path", asText, "a text", unstated);
  const there = <T>(what: string): Fact<T> => unknown(`${what} is set at Cloudflare, not in these files`, place);
  return {
    // A rule without a host name takes what no other rule does.
    host: host.kind === "unstated" ? stated("*", place) : host,
    path: path.kind === "unstated" ? stated("/", place) : path,
    audience: stated({ kind: "public" }, place),
    tls: there("what encrypts the way to it"),
    redirectsToTls: there("whether plain HTTP is answered"),
    rateLimit: there("a limit"),
    loginRateLimit: there("a limit"),
    authentication: signInOf(origin, place),
    headers: incomplete([], "what is added is set at Cloudflare, not in these files", place),
    edgePorts: complete([], place),
    relay: "Cloudflare",
    ...(transport === "tcp" ? { transport } : {}),
    upstreams: [upstream],
    place,
  };
}

function signInOf({ accessRequired }: Origin, place: Place): ProxyRoute["authentication"] {
  if (knownValue(accessRequired) === true) return stated("delegated", accessRequired.place);
  return accessRequired.kind === "unknown"
    ? unknown(accessRequired.why, accessRequired.place)
    : unknown("Cloudflare Access may ask for one, which is set at Cloudflare and not in these files", place);
}

interface Address {
  readonly upstream: Upstream;
  readonly tls: boolean;
  readonly transport: "http" | "tcp";
}

const usualPorts: ReadonlyMap<string, number> = new Map(
  Object.entries({
    http: 80,
    ws: 80,
    https: 443,
    wss: 443,
    ssh: 22,
    rdp: 3389,
    smb: 445,
    tcp: 0,
  }),
);
const byHttp = /^(?:https?|wss?)$/;
/** Source: `ingress/ingress.go`: what answers by itself, and what is no address of another. */
const answersItself = /^(?:http_status:\d+|hello[-_]?world)$/;
const url = /^([a-z]+):\/\/(?:\[([0-9a-fA-F:.]{2,45})\]|([^\s:/[\]@]+))(?::(\d{1,5}))?\/?$/i;

function addressOf(service: Fact<string>): Address | "nothing" {
  const { place } = service;
  const unclear = (why: string): Address => ({
    upstream: { kind: "unknown", why, place },
    tls: false,
    transport: "http",
  });
  if (service.kind === "unknown") return unclear(service.why);
  if (service.kind === "unstated") return unclear("the rule names no service");
  const text = service.value.trim();
  if (answersItself.test(text)) return "nothing";
  if (text.startsWith("unix:")) return { upstream: { kind: "files", place }, tls: false, transport: "http" };
  if (text === "bastion") return unclear("the visitor says where it leads (`bastion`)");
  const match = url.exec(text);
  const scheme = match?.[1]?.toLowerCase() ?? "";
  const host = match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? usualPorts.get(scheme) : Number(match[4]);
  if (host === undefined || port === undefined || port > 65_535) return unclear("its service is no address");
  return {
    upstream: { kind: "address", host, port, place },
    tls: /^(?:https|wss)$/.test(scheme),
    transport: byHttp.test(scheme) ? "http" : "tcp",
  };
}
