import type { ClimbableAlias, NginxConfiguration } from "../../facts/configuration/nginx.ts";
import type {
  DoorReach,
  Named,
  ProxyDoor,
  ServedSecret,
  TrustedForwarders,
  UnverifiedUpstream,
} from "../../facts/configuration/proxy.ts";
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
import type { Place } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import { isEverybody } from "../proxy/ranges.ts";
import { servedSecrets } from "../proxy/served-secrets.ts";
import { audienceOf, authenticationOf } from "./guards.ts";
import type { NginxDirective } from "./include.ts";
import type { Level } from "./level.ts";
import { locationsOf, type NginxLocation } from "./location.ts";
import type { Word } from "./parse.ts";
import { type NginxServer, portsOf } from "./server.ts";
import { schemeOf } from "./upstream.ts";

/** What a configuration says of nginx as a whole. */
export function nginxSettings(
  http: Level,
  servers: readonly NginxServer[],
  place: Place,
  input: ConfigInput,
): NginxConfiguration {
  const hidden = servers.find(({ level }) => level.unseen !== undefined)?.level.unseen;
  const list = <T>(items: readonly T[]): FactList<T> =>
    hidden === undefined ? complete(items, place) : incomplete(items, hidden, place);
  const sites = servers.map((server) => ({ server, locations: locationsOf(server) }));
  const locations = sites.flatMap((site) => site.locations);
  const listOf = <T>(items: readonly T[], ...options: readonly string[]): FactList<T> => {
    const why = locations.map((location) => doubtOf(location, options)).find((each) => each !== undefined);
    return why === undefined || hidden !== undefined ? list(items) : incomplete(items, why, place);
  };
  return {
    software: "nginx",
    doors: list(sites.flatMap((site) => site.locations.flatMap((location) => door(location, site.server)))),
    trustedForwarders: trustedForwarders(http, servers, place),
    unverifiedUpstreams: listOf(distinct(locations.flatMap(unverified)), "proxy_ssl_verify", "grpc_ssl_verify"),
    listings: listOf(locations.flatMap(listing), "autoindex"),
    servedSecrets: list(
      sites.flatMap((site) =>
        hidesDotFiles(site.locations) ? [] : site.locations.flatMap((each) => served(each, site.server, input)),
      ),
    ),
    accessLog: accessLog(http, servers, place),
    tellsVersion: tellsVersion(http, servers, place),
    climbableAliases: listOf(
      sites.flatMap((site) => site.locations.flatMap((each) => climbable(each, site.server))),
      "alias",
    ),
  };
}

/** Why one of some options cannot be told where it stands for a location, or whether it is for what it passes on to. */
function doubtOf({ level, end }: NginxLocation, options: readonly string[]): string | undefined {
  const [first] = options;
  if (first === "proxy_ssl_verify" && end.kind === "pass" && schemeOf(end.pass, level) === undefined)
    return whyOpen(end.pass.args[0]);
  if (first === "proxy_ssl_verify" && end.kind === "pass" && speaksTls(end.pass, level)) {
    const doubt = level.doubtOfOne(end.pass.name === "grpc_pass" ? "grpc_ssl_verify" : "proxy_ssl_verify");
    if (doubt !== undefined) return doubt;
  }
  return options.map((name) => whyOpen(level.last(name)?.args[0])).find((why) => why !== undefined);
}

/** Why a word may be any other; undefined for one that is what it says. */
function whyOpen(word: Word | undefined): string | undefined {
  if (word === undefined) return undefined;
  return (
    word.unresolved ?? (/^\$(?:\w+|\{\w+\})$/.test(word.text) ? `the variable \`${word.text}\` decides` : undefined)
  );
}

function door(location: NginxLocation, server: NginxServer): readonly ProxyDoor[] {
  if (location.end.kind !== "status") return [];
  const audience = knownValue(audienceOf(location));
  if (audience?.kind === "networks") return [];
  const reach: Fact<DoorReach> =
    audience === undefined
      ? unknown("who is let in cannot be told", location.place)
      : stated("everywhere", server.place);
  const signIn = authenticationOf(location).authentication;
  return [
    {
      name: "the status page",
      allows: "figures",
      reach,
      signIn: signIn.kind === "unknown" ? signIn : stated(signIn.kind !== "unstated", signIn.place),
      place: location.place,
    },
  ];
}

function trustedForwarders(http: Level, servers: readonly NginxServer[], place: Place): Fact<TrustedForwarders> {
  const levels = [http, ...servers.map(({ level }) => level)];
  const written = levels.flatMap((level) => level.own("set_real_ip_from"));
  const [first] = written;
  const everybody = written.find(({ args }) => isEverybody(args[0]?.text ?? ""));
  if (everybody !== undefined) return stated("everybody", everybody.place);
  const doubt = servers.find(({ level }) => level.unseen !== undefined)?.level.unseen;
  if (doubt !== undefined) return unknown(doubt, first?.place ?? place);
  if (first === undefined && http.unseen !== undefined)
    return isSite(http) ? unstated(place) : unknown(http.unseen, place);
  if (first === undefined) return defaulted("nobody", "program", place);
  const open = written.map(({ args }) => whyOpen(args[0])).find((why) => why !== undefined);
  if (open !== undefined) return unknown(open, first.place);
  return stated([...new Set(written.map(({ args }) => args[0]?.text ?? ""))], first.place);
}

function speaksTls(pass: NginxDirective, level: Level): boolean {
  return /^(?:https|grpcs)$/.test(schemeOf(pass, level) ?? "");
}

/** nginx does not look at an upstream's certificate unless `proxy_ssl_verify` is on. */
function unverified({ end, level }: NginxLocation): readonly UnverifiedUpstream[] {
  if (end.kind !== "pass" || !speaksTls(end.pass, level)) return [];
  const option = end.pass.name === "grpc_pass" ? "grpc_ssl_verify" : "proxy_ssl_verify";
  const verify = level.last(option);
  if (verify?.args[0]?.text === "on" || level.doubtOfOne(option) !== undefined) return [];
  if (whyOpen(verify?.args[0]) !== undefined) return [];
  const name = end.pass.args[0]?.text ?? "an upstream";
  return [{ name, byDefault: verify === undefined, place: verify?.place ?? end.pass.place }];
}

function listing({ level, written, end }: NginxLocation): readonly Named[] {
  const option = level.last("autoindex");
  if (end.kind !== "files" || option?.args[0]?.text !== "on") return [];
  return [{ name: written ?? "/", place: option.place }];
}

function served(
  { end, level, written }: NginxLocation,
  server: NginxServer,
  input: ConfigInput,
): readonly ServedSecret[] {
  const root = level.last("root");
  const folder = root?.args[0];
  if (end.kind !== "files" || root === undefined || folder === undefined || folder.unresolved !== undefined) return [];
  if (level.own("alias").length > 0 || (written !== undefined && written !== "/")) return [];
  return servedSecrets(folder.text, { ports: portsOf(server), place: root.place }, input);
}

/** Whether a location keeps off names that begin with a dot: `location ~ /\.`. */
function hidesDotFiles(locations: readonly NginxLocation[]): boolean {
  return locations.some(({ written, end }) => end.kind === "answer" && /\/\\\.|\/\./.test(written ?? ""));
}

/** Whether the file is one that an `nginx.conf` includes which is not seen: what nginx does as a whole is said there. */
function isSite({ outer }: Level): boolean {
  return outer === undefined;
}

function accessLog(http: Level, servers: readonly NginxServer[], place: Place): Fact<boolean> {
  const levels = [http, ...servers.map(({ level }) => level)];
  const written = levels.flatMap((level) => level.own("access_log"));
  const on = written.find(({ args }) => args[0]?.text !== "off" && whyOpen(args[0]) === undefined);
  if (on !== undefined) return stated(true, on.place);
  const open = written.map(({ args }) => whyOpen(args[0])).find((why) => why !== undefined);
  if (open !== undefined) return unknown(open, written[0]?.place ?? place);
  const [off] = http.own("access_log");
  if (off !== undefined) return stated(false, off.place);
  if (http.unseen !== undefined) return isSite(http) ? unstated(place) : unknown(http.unseen, place);
  const everywhereOff = servers.length > 0 && servers.every(({ level }) => level.own("access_log").length > 0);
  return everywhereOff ? stated(false, written[0]?.place ?? place) : defaulted(true, "program", place);
}

function tellsVersion(http: Level, servers: readonly NginxServer[], place: Place): Fact<boolean> {
  const deciding = servers.length === 0 ? [http] : servers.map(({ level }) => level);
  let open: Fact<boolean> | undefined;
  for (const level of deciding) {
    const option = level.last("server_tokens");
    const doubt = level.doubtOfOne("server_tokens") ?? whyOpen(option?.args[0]);
    if (option === undefined && doubt === undefined) return defaulted(true, "program", place);
    if (doubt !== undefined)
      open ??= isSite(http) && level.unseen === undefined ? unstated(place) : unknown(doubt, place);
    else if (option !== undefined && /^(?:on|build)$/.test(option.args[0]?.text ?? ""))
      return stated(true, option.place);
  }
  return open ?? stated(false, deciding[0]?.last("server_tokens")?.place ?? place);
}

/** `location /files { alias /srv/files/; }` answers `/files../x` with `/srv/x`. Source: "off-by-slash", Orange Tsai 2018. */
function climbable(
  { level, written, modifier, place: location }: NginxLocation,
  server: NginxServer,
): readonly ClimbableAlias[] {
  if (written === undefined || (modifier !== "" && modifier !== "^~")) return [];
  return level.own("alias").flatMap(({ args, place }) => {
    const folder = args[0]?.text ?? "";
    if (!folder.endsWith("/") || written.endsWith("/")) return [];
    const hasRoomForSlash = hasRoomFor(`${written}/`, level);
    return [{ name: written, place, location, hasRoomForSlash, ports: portsOf(server) }];
  });
}

/**
 * Whether a location can have another prefix: no other one beside it has that, which nginx refuses to start with, and those
 * in it still begin with it. Source: `ngx_http_join_exact_locations`, `ngx_http_core_location` of nginx 1.29.
 */
function hasRoomFor(prefix: string, level: Level): boolean {
  const { outer } = level;
  if (outer === undefined || outer.unseen !== undefined || level.unseen !== undefined) return false;
  const others = (within: Level, kinds: RegExp) =>
    within.own("location").flatMap(({ args }) => {
      const [first, second] = args;
      return kinds.test(second === undefined ? "" : (first?.text ?? "")) ? [args.at(-1)] : [];
    });
  return (
    others(outer, /^(?:\^~)?$/).every((word) => word?.unresolved === undefined && word?.text !== prefix) &&
    others(level, /^(?:\^~|=)?$/).every((word) => word?.text.startsWith(prefix) === true)
  );
}

function distinct<T extends Named>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.name, item] as const)).values()];
}
