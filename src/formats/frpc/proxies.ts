import { complete, defaulted, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Audience } from "../../facts/subjects.ts";
import { isPrivateAddress } from "../../lib/own-address.ts";
import type { Place } from "../../lib/place.ts";
import { asBoolean, asInteger, asText, type Fields, scalarFact, textItem } from "../fields.ts";
import { type ProxyRoute, splitAddress, type Upstream } from "../proxy/proxy-route.ts";
import type { Client } from "./client.ts";

/** The routes of every proxy that is started. Those of UDP make none, since none of a route's facts is about them. */
export function routesOf(client: Client): readonly ProxyRoute[] {
  return client.proxies.flatMap((proxy) => {
    const type = proxy.fact("type", asText, "a text", (place) => defaulted("tcp", "program", place));
    if (!isStarted(proxy, client) || /^s?udp$/.test(knownValue(type) ?? "")) return [];
    const { names, transport } = asked(proxy, type, client);
    const common = routeOf(proxy, type, client);
    return names.flatMap((host) =>
      pathsOf(proxy, type, host.place).map(
        (path): ProxyRoute => ({ ...common, host, path, ...(transport && { transport }) }),
      ),
    );
  });
}

const text = textItem((value) => ({ value }));

function pathsOf(proxy: Fields, type: Fact<string>, place: Place): readonly Fact<string>[] {
  const listed = proxy.list("locations", text);
  const paths = listed.items.map((path) => stated(path, place));
  const all = listed.complete ? paths : [...paths, unknown<string>(listed.why, listed.place)];
  return knownValue(type) !== "http" || all.length === 0 ? [stated("/", place)] : all;
}

function textIn(fields: Fields, key: string): string | undefined {
  return knownValue(fields.fact(key, asText, "a text", unstated));
}

/** Source: `pkg/config/load.go`: `start` names those that are; `enabled = false` switches one off. */
function isStarted(proxy: Fields, { started }: Client): boolean {
  if (knownValue(proxy.fact("enabled", asBoolean, "true or false", unstated)) === false) return false;
  const name = textIn(proxy, "name");
  return !started.complete || started.items.length === 0 || name === undefined || started.items.includes(name);
}

/** The names that visitors ask for: the server's own for a port of it. */
function asked(
  proxy: Fields,
  type: Fact<string>,
  { server }: Client,
): { readonly names: readonly Fact<string>[]; readonly transport?: "tcp" } {
  if (type.kind === "unknown") return { names: [type] };
  if (!/^(?:https?|tcpmux)$/.test(knownValue(type) ?? ""))
    return {
      names: [server.kind === "unstated" ? unknown("no server is named", server.place) : server],
      transport: "tcp",
    };
  const domains = proxy.list("customDomains", (node) => ({
    value: scalarFact(node, asText, "a domain is not a text"),
  }));
  const sub = proxy.fact("subdomain", asText, "a text", unstated);
  const below: readonly Fact<string>[] =
    sub.kind === "unstated" || knownValue(sub) === ""
      ? []
      : [unknown("it is a name below one that the server has", sub.place)];
  const names = [...domains.items, ...below];
  const none: Fact<string> = unknown(domains.complete ? "it has no name of its own" : domains.why, domains.place);
  return { names: names.length === 0 ? [none] : names, ...(knownValue(type) === "tcpmux" ? { transport: "tcp" } : {}) };
}

function routeOf(proxy: Fields, type: Fact<string>, client: Client): Omit<ProxyRoute, "host" | "path" | "transport"> {
  const upstream = upstreamOf(proxy);
  const { place } = upstream;
  const there = <T>(what: string): Fact<T> => unknown(`${what} is set at the server of frp, not in these files`, place);
  return {
    audience: audienceOf(type, client, place),
    tls: there("what encrypts the way to it"),
    redirectsToTls: there("whether plain HTTP is answered"),
    rateLimit: there("a limit"),
    loginRateLimit: there("a limit"),
    authentication: signInOf(proxy, type, place),
    headers: incomplete([], "what is added is set at the server of frp, not in these files", place),
    edgePorts: complete([], place),
    relay: "frp",
    upstreams: [upstream],
    place,
  };
}

const byKey = /^[sx]tcp$/;

/** A server on one's own network is reached by whoever its own network lets in. */
function audienceOf(type: Fact<string>, { server }: Client, place: Place): Fact<Audience> {
  if (type.kind === "unknown") return type;
  if (byKey.test(knownValue(type) ?? "")) return unknown("whoever holds the key of its `secretKey` comes in", place);
  const address = knownValue(server);
  if (address === undefined)
    return unknown(server.kind === "unknown" ? server.why : "where the server of frp is cannot be told", server.place);
  return isPrivateAddress(address)
    ? unknown(`who reaches the server of frp at ${address} is set there`, server.place)
    : stated({ kind: "public" }, place);
}

/** A name and a password before HTTP, or the key that the other end must have. */
function signInOf(proxy: Fields, type: Fact<string>, place: Place): ProxyRoute["authentication"] {
  if (type.kind === "unknown") return type;
  const known = knownValue(type) ?? "";
  const byName = /^(?:http|tcpmux)$/.test(known) ? ["httpUser", "httpPassword"] : [];
  const names = byKey.test(known) ? ["secretKey"] : byName;
  const facts = names.map((name) => proxy.fact(name, asText, "a text", unstated));
  const open = facts.find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return unknown(open.why, open.place);
  const [found] = facts.filter((fact) => (knownValue(fact) ?? "") !== "");
  return found === undefined ? unstated(place) : stated("single-factor", found.place);
}

/** With a plugin what it names counts, and the address of the proxy does not. */
function upstreamOf(proxy: Fields): Upstream {
  const plugin = proxy.fields("plugin");
  const kind = plugin.fact("type", asText, "a text", unstated);
  if (kind.kind === "unknown") return { kind: "unknown", why: kind.why, place: kind.place };
  if (kind.kind !== "unstated") return byPlugin(plugin, kind.value);
  const host = proxy.fact("localIP", asText, "a text", (place) => stated("127.0.0.1", place));
  const port = proxy.fact("localPort", asInteger, "a number", unstated);
  const { place } = port;
  const known = knownValue(host);
  const number = knownValue(port);
  if (known === undefined || number === undefined || number < 1 || number > 65_535)
    return { kind: "unknown", why: "its address or its port cannot be told", place };
  return { kind: "address", host: known.replace(/^\[(.*)\]$/, "$1"), port: number, place };
}

function byPlugin(plugin: Fields, kind: string): Upstream {
  const { place } = plugin;
  if (kind === "unix_domain_socket" || kind === "static_file") return { kind: "files", place };
  const written = plugin.fact("localAddr", asText, "a text", unstated);
  const address = splitAddress(knownValue(written) ?? "", /2https$/.test(kind) ? 443 : 80);
  return address === undefined
    ? { kind: "unknown", why: `the plugin ${kind} decides where it leads`, place }
    : { kind: "address", ...address, place: written.place };
}
