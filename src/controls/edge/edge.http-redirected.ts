/**
 * People type names without "https"; what answers them first must send them on.
 *
 * Reads:  route.redirectsToTls
 * Passes: plain HTTP is redirected to HTTPS.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { whyBehindAnother } from "../knowledge/front-door.ts";
import { demandOfRoute } from "../knowledge/route-facts.ts";

export const httpRedirected = defineControl({
  id: "edge.http-redirected",
  on: "route",
  severity: "medium",
  title: "HTTP is redirected to HTTPS",
  claim: "Plain HTTP serves nothing but a redirect to HTTPS.",
  threat:
    "A page that also answers in the open can be read and changed on the way, and the encrypted one beside it helps nobody.",
  remedy:
    "Caddy redirects by itself. In Traefik: `entrypoints.web.http.redirections.entrypoint.to: websecure`. In nginx: `return 301 https://$host$request_uri;`.",
  remedies: {
    kubernetes:
      'Let the route attach to the HTTPS listener alone (`sectionName: https`, or `allowedRoutes: {namespaces: {from: Same}}` on the plain one), and give the plain one an HTTPRoute with a `RequestRedirect` filter. For ingress-nginx take `ssl-redirect: "false"` away.',
  },
  judged:
    "Fails when plain HTTP is answered otherwise, as declared or as a probe saw it; in a cluster when an HTTPRoute is attached to a plain listener beside an encrypted one, and when an annotation switches the redirect off. A route without any TLS is told by edge.route-encrypted alone.",
  frameworks: { nsaKubernetes: ["encryption"], zeroTrust: ["2"], nistCsf: ["PR.DS-02"], coverage: ["T4"] },
  exposureMatters: false,

  check(route, system) {
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    if (knownValue(route.tls) === "none") return notApplicable("edge.route-encrypted reports that there is no TLS");
    return demandOfRoute(route, route.redirectsToTls, (value) => value, {
      what: "the redirect to HTTPS",
      show: (value) => (value ? "on" : "off"),
    });
  },
});
