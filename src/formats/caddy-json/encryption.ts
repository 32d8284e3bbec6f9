import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import { hostsOf } from "./addresses.ts";
import type { CaddyConfig, CaddyRoute, CaddyServer, TlsPolicy } from "./model.ts";

/** Whether a server speaks TLS: a policy is written, or automatic HTTPS adds one. Source: Caddy's autohttps.go, phase 1. */
export function speaksTls(server: CaddyServer, config: CaddyConfig): boolean {
  const { tlsPolicies, automaticHttps } = server;
  if (tlsPolicies !== undefined && tlsPolicies.length > 0) return true;
  if (automaticHttps.disabled || listensOnlyOn(server, config.httpPort)) return false;
  return listensOnlyOn(server, config.httpsPort) || namesOf(server).some((name) => !automaticHttps.skip.has(name));
}

function listensOnlyOn({ listen }: CaddyServer, port: number): boolean {
  return listen.length > 0 && listen.every(({ text }) => text.endsWith(`:${port}`));
}

/** The names in the host matchers of a server's own routes. */
function namesOf({ routes }: CaddyServer): readonly string[] {
  return routes.flatMap(({ matcherSets }) => matcherSets.flatMap(({ hosts }) => (hosts ?? []).map(({ text }) => text)));
}

/** The policy that counts for a name: the first that names it, else the first that names none. */
export function policyFor(host: Fact<string>, server: CaddyServer): TlsPolicy | undefined {
  const name = knownValue(host);
  const policies = server.tlsPolicies ?? [];
  return policies.find(({ names }) => names.length === 0 || (name !== undefined && names.includes(name)));
}

export function tlsOf(host: Fact<string>, server: CaddyServer, config: CaddyConfig): Route["tls"] {
  const place = server.listen[0]?.place ?? server.place;
  const hidden = server.listen.find(({ unresolved }) => unresolved !== undefined)?.unresolved;
  const policy = policyFor(host, server);
  if (hidden !== undefined) return unknown(hidden, place);
  const { doubt } = server.automaticHttps;
  if (doubt !== undefined) return unknown(doubt, place);
  if (!speaksTls(server, config)) return stated("none", place);
  // TLS 1.2 is the oldest that Caddy speaks at all.
  if (policy?.minimum === "1.3") return stated({ minimum: "1.3" }, policy.place);
  return defaulted({ minimum: "1.2" }, "program", policy?.place ?? place);
}

/**
 * What becomes of plain HTTP for a name: automatic HTTPS redirects it unless a site of its own answers; without either
 * nothing does.
 */
export function redirectOf(host: Fact<string>, server: CaddyServer, config: CaddyConfig): Fact<boolean> {
  const place = server.listen[0]?.place ?? server.place;
  const hidden = server.listen.find(({ unresolved }) => unresolved !== undefined)?.unresolved;
  if (hidden !== undefined) return unknown(hidden, place);
  const { doubt } = server.automaticHttps;
  if (doubt !== undefined) return unknown(doubt, place);
  if (!speaksTls(server, config)) return stated(false, place);
  const name = knownValue(host);
  if (name === undefined)
    return unknown("its name cannot be told, so that it is not known what answers plain HTTP for it", place);
  const { automaticHttps } = server;
  const redirects = !automaticHttps.disabled && !automaticHttps.redirectsDisabled && !automaticHttps.skip.has(name);
  const plain = config.servers.filter((other) => other !== server && listensOn(other, config.httpPort));
  // A redirect of Caddy's own comes before sites without a name.
  const own = plain.flatMap((other) => other.routes.filter((route) => serves(route, name, redirects)));
  const [first] = own;
  if (first === undefined) return redirects ? defaulted(true, "program", place) : stated(true, place);
  return stated(onlyRedirects(first), first.place);
}

function listensOn({ listen }: CaddyServer, port: number): boolean {
  return listen.some(({ text }) => text.endsWith(`:${port}`));
}

function serves(route: CaddyRoute, name: string, byName: boolean): boolean {
  if (route.matcherSets.length === 0) return !byName;
  const hosts = hostsOf([route.matcherSets], route.place).map(knownValue);
  return hosts.some((host) => host === name || (host === "*" && !byName));
}

/** Whether all that a route does is to send on to HTTPS, or to refuse. */
function onlyRedirects(route: CaddyRoute): boolean {
  return route.handlers.every((handler) => {
    switch (handler.kind) {
      case "subroute":
        return handler.routes.every(onlyRedirects);
      case "answer":
        return (
          handler.status === "abort" ||
          (handler.status ?? 0) >= 400 ||
          handler.location?.text.startsWith("https://") === true
        );
      case "proxy":
      case "files":
      case "invoke":
        return false;
      default:
        return true;
    }
  });
}
