/**
 * A version in every answer sorts the servers of the world by their holes.
 *
 * Reads:  repository-file.configuration (server_tokens of nginx)
 * Passes: no answer tells the version.
 */

import { defineControl } from "../define.ts";
import { linesAt, valueAt } from "../fix.ts";
import { demand, notApplicable } from "../judge.ts";
import { proxyConfigurationOf, standingOf } from "../knowledge/proxy-configuration.ts";

export const versionUntold = defineControl({
  id: "edge.version-untold",
  on: "repository-file",
  software: ["nginx"],
  severity: "low",
  title: "The version of nginx is not told",
  claim: "No answer and no error page of nginx tells its version.",
  threat:
    "Lists of servers with a known hole are made from it, and are at hand on the day that the hole becomes known.",
  remedy: "Write `server_tokens off;` in `http`.",
  judged:
    "Fails when `server_tokens` is on in a server, which is the default. Not applicable for an nginx that is not published. Not applicable for a site whose `nginx.conf` is not seen either.",
  frameworks: { nistCsf: ["PR.PS-01"], coverage: ["H1"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "The header `Server` and error pages say `nginx` without its version.",
    edits(file) {
      const proxy = proxyConfigurationOf(file);
      if (proxy?.configuration.software !== "nginx") return undefined;
      const { tellsVersion } = proxy.configuration;
      if (tellsVersion.kind === "stated")
        return valueAt(tellsVersion.place, /server_tokens[ \t]+(on|build)[ \t]*;/i, "off");
      return tellsVersion.kind === "defaulted"
        ? linesAt(tellsVersion.place, "within", "server_tokens off;")
        : undefined;
    },
  },

  check(file, system) {
    const proxy = proxyConfigurationOf(file);
    if (proxy?.configuration.software !== "nginx") return notApplicable("it is not nginx's configuration");
    if (standingOf(file, system) === "inside") return notApplicable("what stands before it answers visitors");
    const { tellsVersion } = proxy.configuration;
    if (tellsVersion.kind === "unstated") return notApplicable("it is set in a file that is not in this folder");
    const judgement = demand(tellsVersion, (tells) => !tells, {
      what: "server_tokens",
      show: (tells) => (tells ? "on" : "off"),
    });
    return judgement.verdict === "unknown" ? { ...judgement, severity: "info" } : judgement;
  },
});
