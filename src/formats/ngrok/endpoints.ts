/**
 * Endpoints of ngrok, and the tunnels that they were called before.
 *
 * Source: ngrok.com/docs, "Agent Config Version 2" (`addr`, `basic_auth`, `oauth`, `oidc`, `ip_restriction`,
 * `mutual_tls_cas`, `verify_webhook`) and "Version 3" (`url`, `bindings`, `upstream.url`, `traffic_policy`); "Traffic
 * Policy", its actions.
 */
import { complete, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Audience } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { asText, Fields } from "../fields.ts";
import type { ProxyRoute, Upstream } from "../proxy/proxy-route.ts";
import type { TreeNode } from "../tree.ts";
import { type Guard, guardOfPolicy, guardOfTunnel } from "./guard.ts";

export interface Endpoint {
  /** Undefined for what leads to no service. */
  readonly route: ProxyRoute | undefined;
  /** Where passwords for visitors are written out. */
  readonly passwords: readonly Place[];
}

/** `tunnels`, a mapping by names. */
export function tunnelsOf(root: Fields): readonly Endpoint[] {
  const tunnels = root.node("tunnels");
  if (tunnels?.kind !== "mapping") return [];
  return [...tunnels.entries.values()].map(({ value }) => {
    const fields = Fields.of(value, value.place, "a tunnel");
    const written = fields.fact("addr", asText, "an address", unstated);
    const guard = guardOfTunnel(fields, written.place);
    const proto = fields.fact("proto", asText, "a text", unstated);
    const transport = /^(?:tcp|tls)$/.test(knownValue(proto) ?? "") ? "tcp" : undefined;
    // The server that a label leads to is set up at ngrok, with all that it asks for.
    const atNgrok = fields.node("labels") === undefined ? undefined : "its edge is set up at ngrok, not in these files";
    return endpointOf({ host: hostOfTunnel(fields, written.place), written, transport, guard, atNgrok });
  });
}

/** `endpoints`, a list. */
export function endpointsOf(root: Fields): readonly Endpoint[] {
  const endpoints = root.node("endpoints");
  if (endpoints?.kind !== "sequence") return [];
  return endpoints.items.map((node) => {
    const fields = Fields.of(node, node.place, "an endpoint");
    const url = fields.fact("url", asText, "an address", unstated);
    const written = fields.fields("upstream").fact("url", asText, "an address", unstated);
    const guard = guardOfPolicy(fields.node("traffic_policy"), written.place);
    const known = knownValue(url);
    const transport = known !== undefined && /^(?:tcp|tls):/.test(known) ? "tcp" : undefined;
    const atNgrok = isInternal(known, fields.node("bindings"))
      ? "who reaches an endpoint for inside is set up at ngrok, not in these files"
      : undefined;
    return endpointOf({ host: hostOf(url), written, transport, guard, atNgrok });
  });
}

interface Parts {
  readonly host: Fact<string>;
  readonly written: Fact<string>;
  readonly transport: "tcp" | undefined;
  readonly guard: Guard;
  /** Why who comes in cannot be told here. */
  readonly atNgrok: string | undefined;
}

function endpointOf({ host, written, transport, guard, atNgrok }: Parts): Endpoint {
  const upstream = upstreamOf(written);
  const { place } = upstream;
  const there = <T>(what: string): Fact<T> => unknown(`${what} is set at ngrok, not in these files`, place);
  const audience: Fact<Audience> = atNgrok === undefined ? guard.audience : unknown(atNgrok, place);
  const open = guard.signIn.kind === "unstated" && atNgrok !== undefined;
  const route: ProxyRoute = {
    host,
    path: stated("/", place),
    audience,
    tls: there("what encrypts the way to it"),
    redirectsToTls: there("whether plain HTTP is answered"),
    rateLimit: there("a limit"),
    loginRateLimit: there("a limit"),
    authentication: open ? unknown(atNgrok, place) : guard.signIn,
    headers: incomplete([], "what is added is set at ngrok, not in these files", place),
    edgePorts: complete([], place),
    relay: "ngrok",
    ...(transport && { transport }),
    upstreams: [upstream],
    place,
  };
  return { route, passwords: guard.passwords };
}

/** `.internal` is reached by other endpoints alone, and so is what is bound so. */
function isInternal(url: string | undefined, bindings: TreeNode | undefined): boolean {
  const bound = bindings?.kind === "sequence" ? bindings.items : [];
  if (bound.length > 0) return !bound.some((one) => one.kind === "scalar" && one.value === "public");
  return url !== undefined && /^(?:[a-z]+:\/\/)?[^/:]{1,253}\.internal(?:[:/]|$)/i.test(url);
}

function hostOf(url: Fact<string>): Fact<string> {
  if (url.kind === "unknown") return url;
  const host = /^(?:[a-z]+:\/\/)?([^/:]{1,253})/i.exec(knownValue(url) ?? "")?.[1];
  return host === undefined ? unknown("ngrok gives it a name", url.place) : stated(host.toLowerCase(), url.place);
}

function hostOfTunnel(fields: Fields, place: Place): Fact<string> {
  for (const key of ["hostname", "domain", "url", "remote_addr"]) {
    const fact = fields.fact(key, asText, "a text", unstated);
    if (fact.kind !== "unstated") return hostOf(fact);
  }
  return unknown("ngrok gives it a name", place);
}

const address =
  /^(?:(https?|tcp|tls):\/\/)?(?:(?:\[([0-9a-fA-F:.]{2,45})\]|([^\s:/[\]@]{1,253}))(?::|\/|$))?(\d{1,5})?(?:\/.*)?$/i;

/** `80`, `host:80` and `https://host:8443`; a number alone is a port of the agent's own machine. */
function upstreamOf(written: Fact<string>): Upstream {
  const { place } = written;
  if (written.kind === "unknown") return { kind: "unknown", why: written.why, place };
  const text = knownValue(written)?.trim() ?? "";
  if (/^file:/i.test(text)) return { kind: "files", place };
  const alone = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  if (alone !== undefined && alone >= 1 && alone <= 65_535)
    return { kind: "address", host: "localhost", port: alone, place };
  const [, scheme = "http", bracketed, name, digits] = address.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined ? (scheme.toLowerCase() === "https" ? 443 : 80) : Number(digits);
  return host === undefined || port < 1 || port > 65_535
    ? { kind: "unknown", why: text === "" ? "it names no address" : "what it leads to is no address", place }
    : { kind: "address", host, port, place };
}
