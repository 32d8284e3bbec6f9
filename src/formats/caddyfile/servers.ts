import type { Place } from "../../lib/place.ts";
import type { CaddyRoute, CaddyServer, CaddyText, MatcherSet, TlsPolicy, TrustedProxies } from "../caddy-json/model.ts";
import { privateRanges } from "../proxy/ranges.ts";
import { textOf } from "./matchers.ts";
import type { SiteAddress } from "./site-address.ts";
import { tlsPoliciesOf } from "./tls-policies.ts";
import type { Line } from "./tree.ts";

/** A site's block with its addresses taken apart and its lines made into routes. */
export interface Site {
  readonly addresses: readonly SiteAddress[];
  readonly lines: readonly Line[];
  readonly routes: readonly CaddyRoute[];
  readonly place: Place;
}

export interface AutomaticHttps {
  readonly disabled: boolean;
  readonly redirectsDisabled: boolean;
  /** Why the switches cannot be told. */
  readonly doubt?: string;
}

export interface ServerSettings {
  readonly http: number;
  readonly https: number;
  readonly automatic: AutomaticHttps;
  readonly named: ReadonlyMap<string, CaddyRoute>;
  complain(place: Place, message: string): void;
}

/** Sites that share a listening address make one server, the most specific first. */
export function serversOf(
  sites: readonly Site[],
  options: readonly Line[],
  settings: ServerSettings,
): readonly CaddyServer[] {
  const byListener = new Map<string, { listen: CaddyText; sites: Site[] }>();
  for (const site of sites) {
    for (const [listener, part] of partsOf(site, options, settings)) {
      const known = byListener.get(listener) ?? { listen: part.listen, sites: [] };
      known.sites.push(part.site);
      byListener.set(listener, known);
    }
  }
  return [...byListener.values()].map(({ listen, sites: own }) => server(listen, own, options, settings));
}

/** A site by what it listens on, each part with the addresses that are served there. */
function partsOf(
  site: Site,
  options: readonly Line[],
  settings: ServerSettings,
): ReadonlyMap<string, { readonly listen: CaddyText; readonly site: Site }> {
  const parts = new Map<string, { readonly listen: CaddyText; readonly site: Site }>();
  for (const address of site.addresses) {
    for (const listen of listenersOf(address, site, options, settings)) {
      const known = parts.get(listen.text);
      const addresses = [...(known?.site.addresses ?? []), address];
      parts.set(listen.text, { listen: known?.listen ?? listen, site: { ...site, addresses } });
    }
  }
  return parts;
}

function listenersOf(
  address: SiteAddress,
  { lines }: Site,
  options: readonly Line[],
  { http, https }: ServerSettings,
): readonly CaddyText[] {
  const { place } = address.token;
  if (address.open !== undefined) return [{ text: address.token.text, unresolved: address.open, place }];
  const port = address.port === "" ? String(address.scheme === "http" ? http : https) : address.port;
  const own = lines.filter(({ name }) => name.text === "bind");
  const bound = own.length > 0 ? own : options.filter(({ name }) => name.text === "default_bind");
  const hosts = bound.flatMap(({ args }) => args.map(textOf));
  if (hosts.length === 0) return [{ text: `:${port}`, place }];
  return hosts.map((host) => ({
    ...host,
    text: /^(?:unix|fd)/.test(host.text) ? host.text : `${bracketed(host.text)}:${port}`,
  }));
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function server(
  listen: CaddyText,
  sites: readonly Site[],
  options: readonly Line[],
  settings: ServerSettings,
): CaddyServer {
  complainOfRepeated(sites, settings);
  const ordered = [...sites].sort(moreSpecificFirst);
  const skip = skippedNames(listen, ordered, settings);
  const policies: readonly TlsPolicy[] = tlsPoliciesOf(ordered, skip, settings);
  return {
    listen: [listen],
    routes: ordered.map(siteRoute),
    namedRoutes: settings.named,
    tlsPolicies: policies.length === 0 ? undefined : policies,
    automaticHttps: { ...settings.automatic, skip },
    trustedProxies: trustedProxies(listen, options),
    place: ordered[0]?.place ?? listen.place,
  };
}

/** Of two sites of one address Caddy knows not which is meant. */
function complainOfRepeated(sites: readonly Site[], { complain }: ServerSettings): void {
  const seen = new Map<string, Site>();
  for (const site of sites) {
    for (const { token } of site.addresses) {
      const known = seen.get(token.text);
      if (known !== undefined && known.place !== site.place && token.unresolved === undefined) {
        complain(token.place, `The site "${token.text}" is defined twice; join the two blocks.`);
      }
      seen.set(token.text, site);
    }
  }
}

/** Names that are asked for over plain HTTP get no certificate by themselves. */
function skippedNames(listen: CaddyText, sites: readonly Site[], { http }: ServerSettings): ReadonlySet<string> {
  if (listen.text.endsWith(`:${http}`)) return new Set();
  const plain = sites.flatMap(({ addresses }) =>
    addresses.filter(({ scheme, host }) => scheme === "http" && host.text !== ""),
  );
  return new Set(plain.map(({ host }) => host.text));
}

/** Names before names with a `*`, those before sites for every name; then the longer name, then the longer path. */
function moreSpecificFirst(a: Site, b: Site): number {
  const left = specificityOf(a);
  const right = specificityOf(b);
  if (left.host === 0 || right.host === 0)
    return right.host === 0 && left.host > 0 ? -1 : left.host === 0 && right.host > 0 ? 1 : 0;
  if (left.wild !== right.wild) return left.wild ? 1 : -1;
  return right.host - left.host || right.path - left.path;
}

function specificityOf({ addresses }: Site) {
  const length = (text: string) => text.length - (text.match(/\*/g)?.length ?? 0);
  return {
    host: Math.max(0, ...addresses.map(({ host }) => length(host.text))),
    path: Math.max(0, ...addresses.map(({ path }) => path.length)),
    wild: addresses.some(({ host }) => host.text === "" || host.text.includes("*")),
  };
}

/** A site is one route: whoever asks for it is served by no other. */
function siteRoute({ addresses, routes, place }: Site): CaddyRoute {
  return { matcherSets: siteSets(addresses), handlers: [{ kind: "subroute", routes, place }], terminal: true, place };
}

function siteSets(addresses: readonly SiteAddress[]): readonly MatcherSet[] {
  const byPath = Map.groupBy(addresses, ({ path }) => path);
  const everyHost = addresses.some(({ host }) => host.text === "");
  const sets = [...byPath].map(([path, own]): MatcherSet => {
    const place = own[0]?.token.place ?? { kind: "nowhere" as const, why: "the site has no address" };
    return {
      ...(everyHost ? {} : { hosts: own.map(({ host }) => host) }),
      ...(path === "" ? {} : { paths: [{ text: path, place }] }),
      not: [],
      others: [],
    };
  });
  return sets.some(({ hosts, paths }) => hosts === undefined && paths === undefined) ? [] : sets;
}

function trustedProxies(listen: CaddyText, options: readonly Line[]): TrustedProxies | undefined {
  const blocks = options.filter(
    ({ name, args }) => name.text === "servers" && (args.length === 0 || args[0]?.text === listen.text),
  );
  const line = blocks.flatMap(({ block }) => block ?? []).findLast(({ name }) => name.text === "trusted_proxies");
  if (line === undefined) return undefined;
  const [source, ...ranges] = line.args;
  if (source?.text !== "static") return { ranges: undefined, place: line.place };
  return {
    ranges: ranges.flatMap((token) =>
      token.text === "private_ranges" ? privateRanges.map((text) => ({ text, place: token.place })) : [textOf(token)],
    ),
    place: line.place,
  };
}
