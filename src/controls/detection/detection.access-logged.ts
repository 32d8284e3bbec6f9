/**
 * What nobody wrote down, nobody can look up.
 *
 * Reads:  repository-file.configuration (access log of Caddy, nginx, Traefik)
 * Passes: requests are logged.
 */

import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { proxyConfigurationOf, proxySoftware, standingOf } from "../knowledge/proxy-configuration.ts";
import { traefikOption } from "../knowledge/traefik-option.ts";

export const accessLogged = defineControl({
  id: "detection.access-logged",
  on: "repository-file",
  software: proxySoftware,
  severity: "low",
  title: "Proxies log requests",
  claim: "Every proxy that visitors reach keeps a log of their requests.",
  threat:
    "A break-in is not noticed, its way in is not found afterwards, and CrowdSec or fail2ban have nothing to look at.",
  remedy:
    "Caddy: `log` in the site, or in a snippet that all sites import. Traefik: `accessLog: {}`. nginx logs unless `access_log off` says not to.",
  judged:
    "Fails when no request is logged: the default of Caddy and Traefik. Not applicable for a proxy that is not published. Unknown when a file that is not seen may say so.",
  frameworks: { nistCsf: ["DE.CM-01", "PR.PS-04"], zeroTrust: ["7"], coverage: ["A6", "M10"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Traefik writes a line for each request, with its address and path, to its own log.",
    edits(file, system) {
      const proxy = proxyConfigurationOf(file)?.configuration;
      const option = { path: ["accessLog"], value: {}, argument: "--accesslog=true" };
      return proxy?.software === "traefik" && proxy.accessLog.kind === "defaulted"
        ? traefikOption(file, system, proxy, option)
        : undefined;
    },
  },

  check(file, system) {
    const proxy = proxyConfigurationOf(file);
    if (proxy === undefined) return notApplicable("it is no proxy's configuration");
    if (standingOf(file, system) === "inside") return notApplicable("what stands before it answers visitors");
    const { accessLog } = proxy.configuration;
    if (accessLog.kind === "unstated") return notApplicable("it is set in a file that is not in this folder");
    const judgement = demand(accessLog, (value) => value, {
      what: `the log of requests to ${proxy.program}`,
      show: (value) => (value ? "on" : "off"),
    });
    return judgement.verdict === "unknown" ? { ...judgement, severity: "info" } : judgement;
  },
});
