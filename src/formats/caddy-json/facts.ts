import { complete, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { mergeRoutes } from "../proxy/merge-routes.ts";
import { type ProxyRoute, splitAddress, type Upstream } from "../proxy/proxy-route.ts";
import { hostsOf, pathOf } from "./addresses.ts";
import { audienceOf } from "./audience.ts";
import { redirectOf, tlsOf } from "./encryption.ts";
import type { CaddyConfig, CaddyServer, CaddyText } from "./model.ts";
import { authenticationOf, headersOf, rateLimitsOf, screeningOf } from "./passed.ts";
import { type Way, waysOf } from "./walk.ts";

export interface CaddyRoutes {
  readonly routes: readonly ProxyRoute[];
  /** The folders that are served, with what is hidden in them. */
  readonly folders: readonly ServedFolder[];
  /** Whether there are more routes than were looked at. */
  readonly tooMany: boolean;
}

export interface ServedFolder {
  readonly root: string;
  readonly hidden: readonly string[];
  /** Of the site. */
  readonly ports: Fact<readonly number[]>;
  readonly place: Place;
}

/** The routes of a configuration. */
export function caddyRoutes(config: CaddyConfig): CaddyRoutes {
  const found = config.servers.map((server) => ({ server, ...waysOf(server) }));
  return {
    routes: mergeRoutes(found.flatMap(({ server, ways }) => ways.flatMap((way) => routesOfWay(way, server, config)))),
    folders: found.flatMap(({ server, ways }) => ways.flatMap((way) => folderOf(way, server))),
    tooMany: found.some(({ tooMany }) => tooMany),
  };
}

function folderOf({ end, passed }: Way, server: CaddyServer): readonly ServedFolder[] {
  if (end.kind !== "files") return [];
  const before = passed.findLast(({ handler }) => handler !== "stop" && handler.kind === "root")?.handler;
  const root =
    end.root ?? (before !== undefined && before !== "stop" && before.kind === "root" ? before.root : undefined);
  if (root === undefined || root.unresolved !== undefined || root.text.includes("{")) return [];
  const { items, place, ...list } = portsOf(server);
  const ports: Fact<readonly number[]> =
    list.complete && items.length > 0
      ? stated(items, place)
      : unknown(list.complete ? "it answers on a socket" : list.why, place);
  return [{ root: root.text, hidden: end.hidden.map(({ text }) => text), ports, place: end.place }];
}

function routesOfWay(way: Way, server: CaddyServer, config: CaddyConfig): readonly ProxyRoute[] {
  const { place } = way.end;
  return hostsOf(way.conditions, place).map((host) => ({
    place,
    host,
    path: pathOf(way.conditions, place),
    upstreams: upstreamsOf(way),
    edgePorts: portsOf(server),
    audience: audienceOf(way, server),
    tls: tlsOf(host, server, config),
    redirectsToTls: redirectOf(host, server, config),
    ...rateLimitsOf(way),
    ...authenticationOf(way, host, server),
    headers: headersOf(way),
    screening: screeningOf(way),
  }));
}

function upstreamsOf({ end }: Way): readonly Upstream[] {
  if (end.kind === "files") return [{ kind: "files", place: end.place }];
  const known = end.upstreams.map(upstreamOf);
  if (end.dynamic !== undefined) return [...known, { kind: "unknown", why: end.dynamic, place: end.place }];
  return known.length > 0 ? known : [{ kind: "unknown", why: "it names no upstream", place: end.place }];
}

function upstreamOf(dial: CaddyText): Upstream {
  const { place, text, unresolved } = dial;
  if (unresolved !== undefined) return { kind: "unknown", why: unresolved, place };
  if (text.includes("{")) return { kind: "unknown", why: "a placeholder of the request decides where it leads", place };
  if (/^unix/.test(text)) return { kind: "unknown", why: "it leads to a socket of the file system", place };
  // Go dials its own machine where no host is named: `:8080`.
  const dialled = text.replace(/^(?:tcp[46]?|udp[46]?)\//, "").replace(/^:/, "localhost:");
  const address = splitAddress(dialled, 80);
  if (address === undefined) return { kind: "unknown", why: `\`${text}\` is no address`, place };
  return { kind: "address", ...address, place };
}

/** The ports that a server listens on; `:8000-8010` and placeholders leave it open. */
export function portsOf(server: CaddyServer): FactList<number> {
  const ports = new Set<number>();
  let why: string | undefined;
  for (const { text, unresolved } of server.listen) {
    const port = /:(\d{1,5})$/.exec(text)?.[1];
    if (unresolved !== undefined) why ??= unresolved;
    else if (port !== undefined) ports.add(Number(port));
    else if (!/^(?:unix|fd)/.test(text)) why ??= `\`${text}\` names no single port`;
  }
  const place = server.listen[0]?.place ?? server.place;
  return why === undefined ? complete([...ports], place) : incomplete([...ports], why, place);
}
