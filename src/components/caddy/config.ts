/**
 * The Caddyfile of an edge: every route of the stack that comes in by it, and nothing else.
 *
 * Who is not in a route's audience, asks for another host, or another path gets no answer: the connection is aborted.
 * Source of the syntax: caddyserver.com/docs/caddyfile (2.11); mholt/caddy-ratelimit `caddyfile.go`.
 */
import type { ResolvedRoute, ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import type { RateLimit } from "../../facts/subjects.ts";
import { commonHeaders, hostTransport, strictTransport } from "../../stack/response-headers.ts";
import { type CaddySettings, dnsTokenFile, tlsOf } from "./settings.ts";

/** Where Caddy tells its metrics and health, inside only. */
export const metricsPort = 9180;

/** The whole Caddyfile; the same stack gives the same bytes. */
export function caddyfile(settings: CaddySettings, service: ResolvedService, stack: ResolvedStack): string {
  const routes = stack.routes.filter((route) => route.edge === service.name);
  const hosts = [...new Set(routes.map((route) => route.host))].sort();
  const blocks = [
    globalOptions(settings, stack),
    ...(hosts.length === 0 ? [] : [headerSnippet()]),
    ...hosts.map((host) =>
      site(
        settings,
        stack,
        host,
        routes.filter((route) => route.host === host),
      ),
    ),
    ...(hosts.length === 0 ? [] : [redirects(hosts)]),
    block("http://", ["abort"]),
    ...(hosts.length === 0 ? [] : [block("https://", ["abort"])]),
    metrics(stack, service),
  ];
  return `# Made by Ringwall from the stack "${stack.name}". Changes here are lost.\n${blocks.join("\n")}`;
}

type Lines = readonly (string | Nested)[];
type Nested = { readonly head: string; readonly body: Lines };

function globalOptions(settings: CaddySettings, stack: ResolvedStack): string {
  const lines: (string | Nested)[] = [
    "admin off",
    "persist_config off",
    "auto_https disable_redirects",
    "skip_install_trust",
    "grace_period 10s",
    { head: "metrics", body: ["per_host"] },
  ];
  if (settings.email !== undefined) lines.push(`email ${quote(settings.email)}`);
  if (tlsOf(settings, stack.domain) === "acme" && settings.acmeDirectory !== undefined)
    lines.push(`acme_ca ${quote(settings.acmeDirectory)}`);
  // Read whenever the configuration is loaded, SIGUSR1 included; the token itself stands in no file of ours.
  if (tlsOf(settings, stack.domain) === "acme" && settings.dns !== undefined)
    lines.push(`acme_dns cloudflare {file.${dnsTokenFile}}`);
  // Addresses may carry tokens and search words after the question mark; logs keep what stands before it.
  const redacted = { head: "format filter", body: ["wrap json", `request>uri regexp "\\?.*" "?…"`] };
  lines.push({ head: "log", body: [redacted] });
  lines.push({ head: "servers", body: serverOptions(settings) });
  return block("", lines);
}

function serverOptions(settings: CaddySettings): Lines {
  const proxies: Lines =
    settings.trustedProxies.length === 0
      ? []
      : [`trusted_proxies static ${settings.trustedProxies.join(" ")}`, "trusted_proxies_strict"];
  return [
    "protocols h1 h2",
    "max_header_size 16KB",
    // Slow senders hold a connection no longer than this; bodies get ten minutes, for uploads over thin lines.
    { head: "timeouts", body: ["read_header 10s", "read_body 10m", "idle 2m"] },
    ...proxies,
  ];
}

function site(settings: CaddySettings, stack: ResolvedStack, host: string, routes: readonly ResolvedRoute[]): string {
  const headers = `import headers ${quote(strictTransport(hostTransport(routes.map(({ hsts }) => hsts))))}`;
  const ordered = [...routes].sort((a, b) => b.path.length - a.path.length || (a.path < b.path ? -1 : 1));
  return block(`https://${host}`, [
    ...(tlsOf(settings, stack.domain) === "internal" ? ["tls internal"] : []),
    "log",
    headers,
    { head: "route", body: [...ordered.map((route, index) => handle(settings, route, index)), "abort"] },
    // Caddy's own answers, such as 502 for a service that is down, leave by this way, past the headers above.
    { head: "handle_errors", body: [headers, 'respond "{err.status_code} {err.status_text}"'] },
  ]);
}

/** The headers of every answer, as a snippet that takes the HSTS policy. */
function headerSnippet(): string {
  const lines = commonHeaders.map(({ name, value }) =>
    value === null ? `-${asWritten(name)}` : `${asWritten(name)} ${quote(value)}`,
  );
  // Deferred, so that they replace what the service behind says rather than stand beside it.
  return block("(headers)", [{ head: "header", body: ["defer", "Strict-Transport-Security {args[0]}", ...lines] }]);
}

/** `X-Frame-Options` for `x-frame-options`: case means nothing to Caddy, but people know them so. */
function asWritten(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function handle(settings: CaddySettings, route: ResolvedRoute, index: number): Nested {
  const paths = route.path === "/" ? [] : [route.path, `${route.path}/*`];
  const matcher = paths.length === 0 ? [] : [`@route${index} path ${paths.map(quote).join(" ")}`];
  const body: (string | Nested)[] = [];
  if (route.audience.kind === "networks") {
    body.push(`@outsiders not client_ip ${route.audience.cidrs.join(" ")}`, "abort @outsiders");
  }
  if (settings.rateLimitModule) body.push(...rateLimits(route, index));
  body.push({ head: "request_body", body: [`max_size ${route.maxBodyBytes}`] });
  body.push(`reverse_proxy ${route.service}:${route.port}`);
  const handler: Nested = { head: paths.length === 0 ? "handle" : `handle @route${index}`, body };
  return matcher.length === 0 ? handler : { head: "", body: [...matcher, handler] };
}

function rateLimits(route: ResolvedRoute, index: number): (string | Nested)[] {
  const zones: (string | Nested)[] = [];
  if (route.loginRateLimit !== undefined && route.loginPaths.length > 0) {
    const name = `${zoneName(route)}_${index}_login`;
    zones.push(`@login path ${route.loginPaths.map(quote).join(" ")}`);
    zones.push({ head: "rate_limit @login", body: [rateZone(name, route.loginRateLimit)] });
  }
  if (route.rateLimit !== undefined) {
    zones.push({ head: "rate_limit", body: [rateZone(`${zoneName(route)}_${index}`, route.rateLimit)] });
  }
  return zones;
}

function rateZone(name: string, limit: RateLimit): Nested {
  return {
    head: `zone ${name}`,
    body: ["key {client_ip}", `window ${limit.windowSeconds}s`, `events ${limit.requests}`],
  };
}

function zoneName(route: ResolvedRoute): string {
  return route.host.replaceAll(/[^a-z0-9]/g, "_");
}

/** Written out, since Caddy's own redirect names its server and answers for hosts that are not ours. */
function redirects(hosts: readonly string[]): string {
  return block(hosts.map((host) => `http://${host}`).join(", "), [
    "log",
    { head: "header", body: ["defer", "-Server"] },
    "redir https://{host}{uri} 308",
  ]);
}

/** Health for the container itself, metrics for whoever reads them, and nothing for the others on its networks. */
function metrics(stack: ResolvedStack, service: ResolvedService): string {
  const readers = stack.services.filter((other) =>
    other.talksTo.some((talk) => talk.service === service.name && talk.port === metricsPort),
  );
  const networks = stack.networks
    .filter(
      (network) =>
        network.members.includes(service.name) && readers.some((reader) => network.members.includes(reader.name)),
    )
    .map((network) => network.cidr);
  const self = "127.0.0.1/32 ::1/128";
  const body: (string | Nested)[] = [
    { head: "handle /health", body: [`@elsewhere not remote_ip ${self}`, "abort @elsewhere", 'respond "well"'] },
  ];
  if (networks.length > 0) {
    body.push({
      head: "handle /metrics",
      body: [`@strangers not remote_ip ${networks.join(" ")}`, "abort @strangers", "metrics"],
    });
  }
  return block(`http://:${metricsPort}`, [{ head: "route", body: [...body, "abort"] }]);
}

function block(head: string, body: Lines): string {
  return render([{ head, body }], 0);
}

function render(lines: Lines, depth: number): string {
  const indent = "\t".repeat(depth);
  return lines
    .map((line) => {
      if (typeof line === "string") return `${indent}${line}\n`;
      // A group without a head is only held together in the tree, not in the file.
      if (line.head === "" && depth > 0) return render(line.body, depth);
      return `${indent}${line.head === "" ? "" : `${line.head} `}{\n${render(line.body, depth + 1)}${indent}}\n`;
    })
    .join("");
}

/** One word of a Caddyfile, whatever stands in it. */
function quote(text: string): string {
  return /^[A-Za-z0-9._:/@*+~-]+$/.test(text) ? text : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
