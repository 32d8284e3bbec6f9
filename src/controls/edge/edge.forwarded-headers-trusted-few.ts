/**
 * A header that everybody may write says nothing of where somebody comes from.
 *
 * Reads:  repository-file.configuration (trusted forwarders of Caddy, nginx, Traefik, Home Assistant)
 * Passes: nobody's word on a client's address is taken, or that of named networks.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { aboutPorts, cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { proxyConfigurationOf, proxySoftware, standingOf } from "../knowledge/proxy-configuration.ts";
import { serviceConfigurationOf } from "../knowledge/service-configuration.ts";

export const forwardedHeadersTrustedFew = defineControl({
  id: "edge.forwarded-headers-trusted-few",
  on: "repository-file",
  software: [...proxySoftware, "home-assistant"],
  severity: "medium",
  title: "Client addresses are believed from known proxies only",
  claim: "No proxy or program that visitors reach takes their own word on the address they come from.",
  threat:
    "Whoever sends `X-Forwarded-For` himself is inside every allow-list, under no rate limit and no ban, and another's address stands in the log.",
  remedy:
    "Name the addresses of the proxies in front: Caddy `trusted_proxies static 192.0.2.0/24`, Traefik `forwardedHeaders.trustedIPs`, nginx `set_real_ip_from 192.0.2.0/24`, Home Assistant `http.trusted_proxies`. Without a proxy in front, take the option away.",
  judged:
    "Fails when a proxy, or Home Assistant, believes everybody (`0.0.0.0/0`, `forwardedHeaders.insecure`, `proxyProtocol.insecure`). Not applicable for one that is not published, which only others reach. Unknown when the networks cannot be resolved.",
  frameworks: { nistCsf: ["PR.AA-05", "DE.CM-01"], zeroTrust: ["2"], coverage: ["A1", "A2", "M10"] },
  exposureMatters: false,

  check(file, system) {
    const found = proxyConfigurationOf(file) ?? serviceConfigurationOf(file);
    const trustedForwarders = found?.configuration.trustedForwarders;
    if (found === undefined || trustedForwarders === undefined) return notApplicable("it is no proxy's configuration");
    const { ports } = aboutPorts(serviceConfigurationOf(file)?.configuration.ports);
    if (standingOf(file, system, ports) === "inside") return notApplicable("only other services reach it");
    const { place } = trustedForwarders;
    if (trustedForwarders.kind === "unstated") return notApplicable("it is set in a file that is not in this folder");
    if (trustedForwarders.kind === "unknown") {
      return cannotTell("whose word on a client's address is taken", trustedForwarders.why, {
        place,
        severity: "info",
      });
    }
    const trusted = knownValue(trustedForwarders);
    if (trusted === "everybody")
      return fail(`${found.program} takes everybody's word on the address they come from`, { place });
    return pass(
      trusted === "nobody" || trusted === undefined
        ? "nobody's word is taken"
        : `the word of ${trusted.join(", ")} is taken`,
      place,
    );
  },
});
