import type { CaddyConfiguration } from "../../facts/configuration/caddy.ts";
import type {
  Named,
  ProxyDoor,
  ServedSecret,
  TrustedForwarders,
  UnverifiedUpstream,
} from "../../facts/configuration/proxy.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { Environment } from "../proxy/environment.ts";
import { isEverybody } from "../proxy/ranges.ts";
import { reachOfAddress } from "../proxy/reach-of-address.ts";
import type { CaddyConfig, CaddyHandler, CaddyRoute, CaddyServer, CaddyText, MatcherSet } from "./model.ts";

/** What a configuration says of Caddy as a whole. `environment` is what Caddy starts with. */
export function caddySettings(
  config: CaddyConfig,
  environment: Environment,
  served: readonly ServedSecret[],
): CaddyConfiguration {
  const handlers = config.servers.flatMap(({ routes, namedRoutes }) =>
    handlersIn([...routes, ...namedRoutes.values()]),
  );
  const list = <T>(items: readonly T[], place: Place): FactList<T> =>
    config.incomplete === undefined ? complete(items, place) : incomplete(items, config.incomplete, place);
  return {
    software: "caddy",
    doors: list(adminDoors(config, environment), config.admin.place),
    trustedForwarders: trustedForwarders(config),
    unverifiedUpstreams: unverifiedOf(handlers, list(handlers.flatMap(unverified), config.place)),
    listings: listingsOf(handlers, list(handlers.flatMap(listing), config.place)),
    servedSecrets: list(served, config.place),
    blindAllowLists: blindListsOf(config, list(config.servers.flatMap(blindAllowLists), config.place)),
    accessLog:
      config.accessLog || config.incomplete === undefined
        ? stated(config.accessLog, config.place)
        : unknown(config.incomplete, config.place),
  };
}

/** `remote_ip` in a server that trusts proxies in front. */
function blindAllowLists({ trustedProxies, routes }: CaddyServer): readonly Named[] {
  if (trustedProxies === undefined) return [];
  const ranges = routesIn(routes).flatMap(({ matcherSets }) => matcherSets.flatMap((set) => remoteRanges(set, 0)));
  return [...new Map(ranges.map(({ text, place }) => [place, { name: `remote_ip ${text}`, place }] as const)).values()];
}

/** Not whole where a matcher that cannot be told may be one of them. */
function blindListsOf({ servers }: CaddyConfig, known: FactList<Named>): FactList<Named> {
  const trusting = servers.filter(({ trustedProxies }) => trustedProxies !== undefined);
  const sets = trusting.flatMap(({ routes }) => routesIn(routes).flatMap(({ matcherSets }) => matcherSets));
  const doubt = sets.find((set) => set.doubt !== undefined)?.doubt;
  return doubt === undefined || !known.complete ? known : incomplete(known.items, doubt, known.place);
}

function remoteRanges({ remoteRanges: own, not }: MatcherSet, depth: number): readonly CaddyText[] {
  if (depth > 20) return [];
  return [...(own ?? []).slice(0, 1), ...not.flatMap((set) => remoteRanges(set, depth + 1))];
}

function routesIn(routes: readonly CaddyRoute[]): readonly CaddyRoute[] {
  const found: CaddyRoute[] = [];
  const visit = (each: readonly CaddyRoute[]): void => {
    for (const route of each) {
      if (found.length > mostHandlers) return;
      found.push(route);
      for (const handler of route.handlers) if (handler.kind === "subroute") visit(handler.routes);
    }
  };
  visit(routes);
  return found;
}

/** How many handlers are looked at; routes that hold themselves again and again are nobody's configuration. */
const mostHandlers = 50_000;

function handlersIn(routes: readonly CaddyRoute[]): readonly CaddyHandler[] {
  return routesIn(routes).flatMap(({ handlers }) => handlers);
}

/** The admin API is on `localhost:2019` unless told otherwise, by the file or by CADDY_ADMIN, and asks nobody who they are. */
function adminDoors({ admin, incomplete: doubt }: CaddyConfig, environment: Environment): readonly ProxyDoor[] {
  if (admin.disabled) return [];
  return [
    {
      name: "the admin API",
      allows: "orders",
      reach: adminReach(admin, doubt, environment),
      signIn: defaulted(false, "program", admin.listen?.place ?? admin.place),
      place: admin.listen?.place ?? admin.place,
    },
  ];
}

function adminReach(
  admin: CaddyConfig["admin"],
  doubt: string | undefined,
  environment: Environment,
): ProxyDoor["reach"] {
  const { listen, place } = admin;
  if (listen !== undefined) {
    if (listen.unresolved !== undefined) return unknown(listen.unresolved, listen.place);
    return stated(reachOfAddress(listen.text), listen.place);
  }
  const variable = environment("CADDY_ADMIN");
  if (variable !== "unset" && "text" in variable && variable.text !== "")
    return stated(reachOfAddress(variable.text), place);
  if (doubt !== undefined) return unknown(doubt, place);
  return defaulted("loopback", "program", place);
}

function trustedForwarders({ servers, place, incomplete: doubt }: CaddyConfig): Fact<TrustedForwarders> {
  const ranges: string[] = [];
  let where = place;
  let hidden: string | undefined;
  for (const { trustedProxies } of servers) {
    if (trustedProxies === undefined) continue;
    where = trustedProxies.place;
    if (trustedProxies.ranges === undefined) hidden ??= "a module tells whose word is taken";
    for (const { text, unresolved } of trustedProxies.ranges ?? []) {
      hidden ??= unresolved;
      ranges.push(text);
    }
  }
  if (ranges.some(isEverybody)) return stated("everybody", where);
  if (hidden !== undefined || doubt !== undefined) return unknown(hidden ?? doubt ?? "", where);
  return ranges.length === 0 ? defaulted("nobody", "program", where) : stated([...new Set(ranges)], where);
}

function unverified(handler: CaddyHandler): readonly UnverifiedUpstream[] {
  if (handler.kind !== "proxy" || handler.skipsVerification === undefined) return [];
  return [
    {
      name: handler.upstreams.map(({ text }) => text).join(", ") || "an upstream",
      byDefault: false,
      place: handler.skipsVerification,
    },
  ];
}

/** Not whole where a switch is no switch. */
function unverifiedOf(
  handlers: readonly CaddyHandler[],
  known: FactList<UnverifiedUpstream>,
): FactList<UnverifiedUpstream> {
  const doubt = handlers.flatMap((handler) => (handler.kind === "proxy" ? (handler.verificationDoubt ?? []) : []))[0];
  return doubt === undefined || !known.complete ? known : incomplete(known.items, doubt, known.place);
}

function listing(handler: CaddyHandler): readonly Named[] {
  if (handler.kind !== "files" || handler.browse === undefined) return [];
  return [{ name: handler.root?.text ?? "the site's root", place: handler.browse }];
}

/** Not whole where an argument that cannot be told may turn a listing on. */
function listingsOf(handlers: readonly CaddyHandler[], known: FactList<Named>): FactList<Named> {
  const doubt = handlers.flatMap((handler) => (handler.kind === "files" ? (handler.browseDoubt ?? []) : []))[0];
  return doubt === undefined || !known.complete ? known : incomplete(known.items, doubt, known.place);
}
