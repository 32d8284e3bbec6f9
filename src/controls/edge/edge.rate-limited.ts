/**
 * Without a limit one visitor can ask until nobody else is answered, or until a password fits.
 *
 * Reads:  route.rateLimit
 * Passes: a limit is on.
 */
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { isForPrivateNetworks, isPrivateName, whyBehindAnother } from "../knowledge/front-door.ts";
import { showRate } from "../knowledge/rates.ts";
import { demandOfRoute } from "../knowledge/route-facts.ts";

export const rateLimited = defineControl({
  id: "edge.rate-limited",
  on: "route",
  severity: "medium",
  title: "Routes have a rate limit",
  claim: "Every route limits how often one client may ask.",
  threat: "One client floods the service, scrapes it, or tries passwords without end.",
  remedy:
    "Keep the declaration's default of 100 requests in a minute, or set `rateLimit` on the route; Caddy needs a build with the rate-limit module, Traefik has the middleware `ratelimit`.",
  remedies: {
    kubernetes:
      "A BackendTrafficPolicy with `rateLimit` in Envoy Gateway, `limit-rpm` in ingress-nginx, the middleware `rateLimit` in Traefik.",
  },
  judged:
    "Fails when no limit is on, as declared or as a probe found by asking more often. A build of the proxy that has no such module is a recorded exception. In the file of a proxy low, and not asked of names and addresses of one's own network.",
  frameworks: { owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["A2"] },
  exposureMatters: false,

  check(route, system) {
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    if (route.whole === true && (isPrivateName(route) || isForPrivateNetworks(route))) {
      return notApplicable("only one's own network comes there");
    }
    const judgement = demandOfRoute(route, route.rateLimit, (limit) => limit !== "none" && limit.requests > 0, {
      what: "the rate limit",
      show: showRate,
    });
    return route.whole === true && judgement.verdict === "fail" ? { ...judgement, severity: "low" } : judgement;
  },
});
