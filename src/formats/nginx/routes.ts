import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
} from "../../facts/fact.ts";
import { mergeRoutes } from "../proxy/merge-routes.ts";
import type { ProxyRoute, Upstream } from "../proxy/proxy-route.ts";
import { redirectOf, tlsOf } from "./encryption.ts";
import { audienceOf, authenticationOf, loginLimitOf, rateLimitOf } from "./guards.ts";
import { headersOf } from "./headers.ts";
import { locationsOf, type NginxLocation } from "./location.ts";
import { PlainServers } from "./plain-servers.ts";
import type { NginxServer } from "./server.ts";
import { upstreamsOf } from "./upstream.ts";

/** The routes of the servers of `http`; `oldest`: the version of TLS that is taken where none is named. */
export function nginxRoutes(servers: readonly NginxServer[], oldest: "1.2" | undefined): readonly ProxyRoute[] {
  const plain = new PlainServers(servers);
  return mergeRoutes(servers.flatMap((server) => routesOfServer(server, plain, oldest)));
}

function routesOfServer(server: NginxServer, plain: PlainServers, oldest: "1.2" | undefined): readonly ProxyRoute[] {
  const locations = locationsOf(server);
  const routed = locations.filter((location) => leadsSomewhere(location, locations));
  const tls = tlsOf(server, oldest);
  return server.names.flatMap((host) => {
    const redirectsToTls: Fact<boolean> =
      knownValue(tls) === "none" ? stated(false, tls.place) : redirectOf(host, server, plain);
    return routed.map(
      (location): ProxyRoute => ({
        place: location.place,
        host,
        path: location.path,
        upstreams: upstreamsIn(location),
        edgePorts: portsOf(server),
        audience: audienceOf(location),
        tls,
        redirectsToTls,
        rateLimit: rateLimitOf(location),
        loginRateLimit: loginLimitOf(location, locations),
        ...authenticationOf(location),
        headers: headersOf(location),
      }),
    );
  });
}

/** Whether a location serves something of its own: what answers itself, and pictures and scripts by their ending, do not. */
function leadsSomewhere(location: NginxLocation, all: readonly NginxLocation[]): boolean {
  const { end, isForEndings, written, modifier, level } = location;
  if (end.kind === "answer" || end.kind === "status") return false;
  if (end.kind === "pass") {
    // Pictures and scripts of an application that is led to anyway; `\.php$` is the application.
    const isPart = isForEndings && !/php|cgi|aspx|jsp/i.test(written ?? "");
    return !isPart || !all.some((other) => other.end.kind === "pass" && !other.isForEndings);
  }
  if (isForEndings || modifier === "=" || written?.startsWith("/.well-known") === true) return false;
  const hasFolder = level.last("root") !== undefined || level.last("alias") !== undefined;
  return written !== undefined || hasFolder || all.length === 1;
}

function upstreamsIn({ end, level, place }: NginxLocation): readonly Upstream[] {
  if (end.kind === "pass") return upstreamsOf(end.pass, level);
  return [{ kind: "files", place }];
}

function portsOf({ listens, place }: NginxServer): FactList<number> {
  const hidden = listens.find(({ unresolved }) => unresolved !== undefined);
  const ports = [
    ...new Set(
      listens.flatMap(({ port, unresolved }) => (port === undefined || unresolved !== undefined ? [] : [port])),
    ),
  ];
  return hidden?.unresolved === undefined ? complete(ports, place) : incomplete(ports, hidden.unresolved, place);
}

/** Connections that `stream` hands on as they are. */
export function streamRoutes(servers: readonly NginxServer[], oldest: "1.2" | undefined): readonly ProxyRoute[] {
  return servers.flatMap((server): ProxyRoute[] => {
    const pass = server.level.own("proxy_pass").at(0);
    if (pass === undefined) return [];
    const { place, level } = server;
    const location: NginxLocation = {
      level,
      end: { kind: "pass", pass },
      path: defaulted("/", "platform", place),
      written: undefined,
      modifier: "",
      isForEndings: false,
      place,
    };
    const notHttp = <T>() => unknown<T>("no HTTP is spoken there", place);
    return [
      {
        place,
        transport: "tcp",
        host: stated("*", place),
        path: defaulted("/", "platform", place),
        upstreams: upstreamsOf(pass, level),
        edgePorts: portsOf(server),
        audience: audienceOf(location),
        tls: tlsOf(server, oldest),
        redirectsToTls: notHttp(),
        rateLimit: notHttp(),
        loginRateLimit: notHttp(),
        authentication: notHttp(),
        headers: incomplete([], "no HTTP is spoken there", place),
      },
    ];
  });
}
