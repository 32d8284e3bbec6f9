/**
 * What a visitor sends in the open is read on the way, the password first.
 *
 * Reads:  route.tls
 * Passes: the route speaks TLS 1.2 or newer only.
 */

import type { Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { Route } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { notApplicable } from "../judge.ts";
import { isForPrivateNetworks, isPrivateName, whyBehindAnother } from "../knowledge/front-door.ts";
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
  remedies: {
    kubernetes:
      "Attach the route to an HTTPS listener of the Gateway (`sectionName`), or give the Ingress `tls:` with a Secret that cert-manager fills. Traefik also wants `http.tls` on its entry point, or the annotation `traefik.ingress.kubernetes.io/router.tls: 'true'`.",
  },
  judged:
    "Fails without TLS and for versions below 1.2, as declared or as a probe negotiated: an old version at medium, low in one's own network; no TLS in the file of a proxy high for a name on the internet, medium where no name is stated, low for names and addresses of one's own network; not applicable where the proxy is not published, so that another one stands before it. At medium for an Ingress or HTTPRoute, before which something that is not in these files may add TLS. An Ingress without `tls` is judged where its controller is known to serve it in the open.",
  frameworks: {
    nsaKubernetes: ["encryption"],
    owaspKubernetes: ["K06"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02"],
    coverage: ["T4"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Programs that know nothing newer than TLS 1.1, such as Android 4 and Internet Explorer 10, cannot connect any more.",
    edits({ tls }) {
      if (tls.kind !== "stated" || tls.value === "none" || !/^1\.[01]$/.test(tls.value.minimum)) return undefined;
      const inNginx = valueAt(tls.place, /ssl_protocols[ \t]+([\w.]+(?:[ \t]+[\w.]+)*)[ \t]*;/, "TLSv1.2 TLSv1.3");
      const isTraefik = tls.place.kind === "file" && /\.(?:ya?ml|toml|json)$/i.test(tls.place.source.path);
      return isTraefik ? valueAt(tls.place, /["']?(VersionTLS1[01])\b/, "VersionTLS12") : inNginx;
    },
  },

  check(route, system) {
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    const judgement = demandOfRoute(
      route,
      route.tls,
      (tls) => tls !== "none" && (tls.minimum === "1.2" || tls.minimum === "1.3"),
      {
        what: "TLS",
        show: (tls) => (tls === "none" ? "off" : `allowed from version ${tls.minimum}`),
      },
    );
    // Old versions are broken for whoever records and computes, not for whoever listens.
    if (judgement.verdict === "fail" && knownValue(route.tls) !== "none")
      return { ...judgement, severity: milder(route) };
    if (judgement.verdict === "fail" && route.whole === true)
      return { ...judgement, severity: severityOf(route), ...(isNginx(route, system) && { remedy: inNginx }) };
    const inCluster = route.platform === "kubernetes" && route.lens === "written" && judgement.verdict === "fail";
    return inCluster ? { ...judgement, severity: "medium" } : judgement;
  },
});

const inNginx =
  "Give the `server` block `listen 443 ssl;` with `ssl_certificate` and `ssl_certificate_key` (certbot or acme.sh get them and renew them), and leave to port 80 `return 301 https://$host$request_uri;`. Where another proxy encrypts before this one, publish no port of this one.";

function isNginx({ edge, place }: Route, system: System): boolean {
  const workload = edge === undefined ? undefined : system.workload(edge);
  const [container] = workload === undefined ? [] : system.containersOf(workload);
  if (container !== undefined) return rolesOf(container, system).software.includes("nginx");
  return place.kind === "file" && /nginx|\.conf$/i.test(place.source.path);
}

function milder(route: Route): Severity {
  return isPrivateName(route) || isForPrivateNetworks(route) ? "low" : "medium";
}

/** A name that the whole internet can ask for is worth more to whoever listens than one of a home network. */
function severityOf(route: Route): Severity {
  if (isPrivateName(route) || isForPrivateNetworks(route)) return "low";
  const host = knownValue(route.host);
  return host === undefined || host === "*" ? "medium" : "high";
}
