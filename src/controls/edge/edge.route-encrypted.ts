/**
 * What a visitor sends in the open is read on the way, the password first.
 *
 * Reads:  route.tls
 * Passes: the route speaks TLS 1.2 or newer only.
 */
import { defineControl } from "../define.ts";
import { demandOfRoute } from "../knowledge/route-facts.ts";

export const routeEncrypted = defineControl({
  id: "edge.route-encrypted",
  on: "route",
  severity: "high",
  title: "Routes speak TLS 1.2 or newer",
  claim: "Every route is served over TLS 1.2 or newer only.",
  threat:
    "Without TLS, or with an old version of it, whoever is on the way reads the password and the session, and changes the page.",
  remedy:
    "Serve the route over HTTPS: Caddy does so by itself for a host name; in Traefik set `tls.certresolver` on the router and `minVersion: VersionTLS12` in the TLS options.",
  judged: "Fails without TLS and for versions below 1.2, as declared or as a probe negotiated.",
  frameworks: { nistCsf: ["PR.DS-02"], coverage: ["T4"] },
  exposureMatters: false,

  check(route) {
    return demandOfRoute(
      route,
      route.tls,
      (tls) => tls !== "none" && (tls.minimum === "1.2" || tls.minimum === "1.3"),
      {
        what: "TLS",
        show: (tls) => (tls === "none" ? "off" : `allowed from version ${tls.minimum}`),
      },
    );
  },
});
