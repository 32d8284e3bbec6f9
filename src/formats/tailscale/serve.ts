import type { Named } from "../../facts/configuration/proxy.ts";
import { complete, defaulted, type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Audience } from "../../facts/subjects.ts";
import { isLoopback } from "../../lib/own-address.ts";
import type { Place } from "../../lib/place.ts";
import { entriesOf, entry, option } from "../any-case.ts";
import { type ProxyRoute, splitAddress, type Upstream } from "../proxy/proxy-route.ts";
import { isTrue, type MappingEntry, type TreeNode } from "../tree.ts";

/** One handler of one port. */
export interface Served {
  readonly route: ProxyRoute;
  /** The server that it speaks TLS to without a look at the certificate. */
  readonly unverified: Named | undefined;
}

/** The addresses of a tailnet's devices. Source: Tailscale's documentation, "IP pool" and "IPv6". */
export const tailnet: Audience = { kind: "networks", cidrs: ["100.64.0.0/10", "fd7a:115c:a1e0::/48"] };

/** Where Funnel listens. Source: Tailscale's documentation, "Tailscale Funnel: limitations". */
const funnelPorts = new Set([443, 8443, 10_000]);

/** What a configuration serves, that of the node and those of its services. `doubt`: why it may not be used, as a clause. */
export function servedIn(root: TreeNode, doubt: string | undefined): readonly Served[] {
  const services = entriesOf(option(root, "Services")).map(({ value }) => value);
  return [root, ...services].flatMap((node) => {
    const funnel = option(node, "AllowFunnel");
    return [...websOf(node, funnel, doubt), ...forwardsOf(node, funnel, doubt)];
  });
}

/** `Web`: what answers for a name and a port, where that port is told to speak HTTP or HTTPS. */
function websOf(node: TreeNode, funnel: TreeNode | undefined, doubt: string | undefined): readonly Served[] {
  return entriesOf(option(node, "Web")).flatMap((web) => {
    const { host, port } = hostPort(web.key);
    const listener = port === undefined ? undefined : option(node, "TCP", String(port));
    const isEncrypted = isTrue(option(listener, "HTTPS"));
    if (port === undefined || (!isEncrypted && !isTrue(option(listener, "HTTP")))) return [];
    return entriesOf(option(web.value, "Handlers")).flatMap((handler) => {
      const proxied = entry(handler.value, "Proxy");
      const files = entry(handler.value, "Path");
      if (proxied === undefined && files === undefined) return [];
      const { upstream, unverified } =
        proxied === undefined
          ? { upstream: { kind: "files", place: handler.keyPlace } as const, unverified: undefined }
          : proxiedTo(proxied.value);
      const place = upstream.place;
      const open = openTo(funnel, [web.key], port, place);
      const route: ProxyRoute = {
        host: nameOf(host, web.keyPlace),
        path: stated(handler.key, handler.keyPlace),
        ...open,
        tls: isEncrypted ? defaulted({ minimum: "1.2" }, "program", place) : unknown(inTunnel, place),
        redirectsToTls: isEncrypted ? defaulted(true, "program", place) : unknown(inTunnel, place),
        ...asksNothing(place),
        edgePorts: complete([port], place),
        upstreams: [doubted(upstream, doubt)],
        place,
      };
      return [{ route, unverified }];
    });
  });
}

const inTunnel = "the tailnet encrypts the way, and TLS is not spoken";

/** `TCPForward`: connections that are handed on as they are, or without their TLS. */
function forwardsOf(node: TreeNode, funnel: TreeNode | undefined, doubt: string | undefined): readonly Served[] {
  return entriesOf(option(node, "TCP")).flatMap(({ key, keyPlace, value }) => {
    const to = entry(value, "TCPForward");
    if (to === undefined || isTrue(option(value, "HTTPS")) || isTrue(option(value, "HTTP"))) return [];
    const port = Number(key);
    const names = entriesOf(funnel).flatMap((each) => (hostPort(each.key).port === port ? [each] : []));
    const [first] = names;
    const { upstream } = proxiedTo(to.value, "tcp");
    const { place } = upstream;
    const open = openTo(
      funnel,
      names.map((each) => each.key),
      port,
      place,
    );
    const host =
      first === undefined ? unknown<string>(ownName, keyPlace) : nameOf(hostPort(first.key).host, first.keyPlace);
    const route: ProxyRoute = {
      host,
      path: stated("/", place),
      ...open,
      tls: unknown("what is handed on may speak TLS itself", place),
      redirectsToTls: unknown("no HTTP is spoken there", place),
      ...asksNothing(place),
      edgePorts: complete([port], place),
      transport: "tcp",
      upstreams: [doubted(upstream, doubt)],
      place,
    };
    return [{ route, unverified: undefined }];
  });
}

/** Neither Serve nor Funnel asks for a sign-in, limits, or adds headers to answers. */
function asksNothing(place: Place): Pick<ProxyRoute, "authentication" | "rateLimit" | "loginRateLimit" | "headers"> {
  return {
    authentication: unstated(place),
    rateLimit: unstated(place),
    loginRateLimit: unstated(place),
    headers: complete([], place),
  };
}

/** Everybody where Funnel is on for one of the names, or may be, else the tailnet's devices. */
function openTo(
  funnel: TreeNode | undefined,
  names: readonly string[],
  port: number,
  place: Place,
): Pick<ProxyRoute, "audience" | "relay"> {
  const found = names.flatMap((name) => ownEntry(funnel, name) ?? []);
  const on = found.find(({ value }) => isTrue(value));
  if (on !== undefined && funnelPorts.has(port))
    return { audience: stated({ kind: "public" }, on.value.place), relay: funnelled };
  const odd = found.find(({ value }) => value.kind !== "scalar" || typeof value.value !== "boolean");
  if (odd !== undefined)
    return {
      audience: unknown("whether `AllowFunnel` is on for it is neither true nor false", odd.value.place),
      relay: funnelled,
    };
  return { audience: stated(tailnet, place), relay: "Tailscale" };
}

const funnelled = "Tailscale Funnel";

function ownEntry(node: TreeNode | undefined, name: string): MappingEntry | undefined {
  return node?.kind === "mapping" ? node.entries.get(name) : undefined;
}

const ownName = "the tailnet gives the node its name";

function nameOf(host: string, place: Place): Fact<string> {
  return host === "" || host.includes("$") ? unknown(ownName, place) : stated(host, place);
}

/** `name:443`; the port is undefined where there is none. */
export function hostPort(key: string): { readonly host: string; readonly port: number | undefined } {
  const at = key.lastIndexOf(":");
  const digits = at === -1 ? "" : key.slice(at + 1);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
  return { host: at === -1 ? key : key.slice(0, at), port: port !== undefined && port <= 65_535 ? port : undefined };
}

function doubted(upstream: Upstream, doubt: string | undefined): Upstream {
  return doubt === undefined ? upstream : { kind: "unknown", why: doubt, place: upstream.place };
}

const schemes: ReadonlyMap<string, number> = new Map(Object.entries({ http: 80, https: 443, "https+insecure": 443 }));

/** A port, `host:port`, or a URL; what has no scheme is spoken to by HTTP. */
function proxiedTo(
  node: TreeNode,
  layer: "http" | "tcp" = "http",
): { readonly upstream: Upstream; readonly unverified: Named | undefined } {
  const { place } = node;
  const unclear = (why: string) => ({ upstream: { kind: "unknown", why, place } as const, unverified: undefined });
  const value = node.kind === "scalar" && typeof node.value === "string" ? node.value.trim() : undefined;
  if (value === undefined || value === "") return unclear("it names nobody to hand on to");
  if (value.startsWith("unix:")) return { upstream: { kind: "files", place }, unverified: undefined };
  const [, scheme, rest] = /^([a-z+]+):\/\/([^/]*)(?:\/.*)?$/is.exec(value) ?? [
    undefined,
    "http",
    value.replace(/\/.*$/s, ""),
  ];
  const usual = schemes.get((scheme ?? "").toLowerCase());
  const bare = layer === "http" && /^\d{1,5}$/.test(value) ? `127.0.0.1:${value}` : (rest ?? "");
  const address = usual === undefined ? undefined : splitAddress(bare, usual);
  if (address === undefined) return unclear("what it hands on to is no address");
  const upstream = { kind: "address", ...address, place } as const;
  const isOpen = scheme?.toLowerCase() === "https+insecure" && !isLoopback(address.host);
  return { upstream, unverified: isOpen ? { name: `${address.host}:${address.port}`, place } : undefined };
}
