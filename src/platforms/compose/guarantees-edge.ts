import type { Guarantee } from "../../contracts/platform.ts";
import type { ResolvedRoute, ResolvedStack } from "../../contracts/resolved.ts";
import type { RateLimit } from "../../facts/subjects.ts";
import { listed } from "../../lib/listed.ts";
import { sentence } from "./guarantees-words.ts";
import { limitsRates } from "./resource-edge.ts";

/** What each route answers. */
export const edgeGuarantees: readonly Guarantee[] = [
  {
    id: "edge.headers-set",
    controls: ["edge.headers-set", "edge.hsts-set", "edge.server-header-removed"],
    statements: everyRoute(
      (routes) =>
        `${routes}: HSTS, framing, sniffing, referrer and permissions headers are set, and no server is named.`,
    ),
  },
  {
    id: "edge.tls-modern",
    controls: ["edge.route-encrypted"],
    statements: everyRoute((routes) => `${routes}: TLS 1.2 or later, and nothing older.`),
  },
  {
    id: "edge.redirects-to-tls",
    controls: ["edge.http-redirected"],
    statements: everyRoute((routes) => `${routes}: a request without TLS is redirected.`),
  },
  {
    id: "edge.audience-kept",
    controls: ["edge.management-audience-limited"],
    statements: (stack) =>
      stack.routes.flatMap((route) =>
        route.audience.kind === "public"
          ? []
          : [
              `${nameOf(route)}: only ${listed(route.audience.cidrs)} ${route.audience.cidrs.length === 1 ? "is" : "are"} answered; the connection of anybody else is aborted.`,
            ],
      ),
  },
  {
    id: "edge.rate-limited",
    controls: ["edge.rate-limited", "edge.login-rate-limited"],
    statements: (stack) =>
      stack.routes
        .filter((route) => limitsRates(stack, route))
        .flatMap((route) => [
          ...limitOf(route.rateLimit, (limit) => `${nameOf(route)}: at most ${limit} from one client.`),
          ...limitOf(
            route.loginRateLimit,
            (limit) => `${nameOf(route)}: at most ${limit} from one client on ${listed(route.loginPaths)}.`,
          ),
        ]),
  },
];

function everyRoute(say: (routes: string) => string): (stack: ResolvedStack) => readonly string[] {
  return (stack) => sentence(stack.routes, (routes) => say(listed(routes.map(nameOf))));
}

function limitOf(limit: RateLimit | undefined, say: (limit: string) => string): readonly string[] {
  return limit === undefined ? [] : [say(`${limit.requests} requests in ${limit.windowSeconds} s`)];
}

/** `shop.example`, `shop.example/admin`. */
function nameOf(route: ResolvedRoute): string {
  return route.path === "/" || route.path === "" || route.path === "/*" ? route.host : `${route.host}${route.path}`;
}
