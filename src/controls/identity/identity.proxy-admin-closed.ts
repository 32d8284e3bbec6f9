/**
 * Whoever gives a proxy orders reads every request, and sends visitors where he likes.
 *
 * Reads:  repository-file.configuration (doors of Caddy, nginx, Traefik)
 * Passes: every door is on loopback, on a socket, or asks who comes.
 */

import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { ProxyDoor } from "../../facts/configuration/proxy.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { aboutPorts, cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { proxyConfigurationOf, proxySoftware, standingOf } from "../knowledge/proxy-configuration.ts";

export const proxyAdminClosed = defineControl({
  id: "identity.proxy-admin-closed",
  on: "repository-file",
  software: proxySoftware,
  severity: "medium",
  title: "Proxies take orders from their operators only",
  claim: "No proxy has an interface of its own that answers others without a sign-in.",
  threat:
    "Caddy's admin API takes a whole new configuration from whoever connects: it then hands out files, or sends logins elsewhere. Dashboards and status pages show every service that there is.",
  remedy:
    "Caddy: `admin off`, or leave it on `localhost:2019`. Traefik: `api.insecure: false`, and a router to `api@internal` with `basicAuth` or `forwardAuth` and an `ipAllowList`. nginx: `allow 127.0.0.1; deny all;` beside `stub_status`.",
  judged:
    "Fails for an admin API, dashboard or status page that answers beyond loopback without asking who comes: high for one that takes orders on the machine itself, medium for such a one in a container and for a dashboard, low for figures and for a dashboard that only the proxy's own networks reach. Unknown when its address cannot be resolved.",
  limits:
    "What arguments switch on is identity.authentication-on's, published ports are identity.admin-interface-unpublished's, and a router to the dashboard of a Traefik in a container identity.route-access-stated's.",
  frameworks: {
    owaspDocker: ["D03", "D04"],
    nistCsf: ["PR.AA-05"],
    zeroTrust: ["3"],
    coverage: ["A3", "N6"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The interface answers the proxy's own machine or container alone, or nobody: what reads or orders something there from elsewhere no longer can.",
    onlyNamed: true,
    edits(file, _system, { place, detail }) {
      // Of a text in a chart's values no more is known than where all of it stands.
      if (place === file.place) return undefined;
      switch (proxyConfigurationOf(file)?.configuration.software) {
        case "caddy":
          return valueAt(place, /((?:0\.0\.0\.0|\[::\])?)(?=:\d{1,5}(?:\s|$))/, "localhost");
        case "traefik":
          // A router to it is another thing, and may be what the dashboard is reached by.
          return detail === "the dashboard and API"
            ? valueAt(place, /["']?(?:--?[\w.]+=)?(true)\b/, "false")
            : undefined;
        default:
          return undefined;
      }
    },
  },

  check(file, system) {
    const proxy = proxyConfigurationOf(file);
    if (proxy === undefined) return notApplicable("it is no proxy's configuration");
    const judged = (door: ProxyDoor) => {
      const { ports } = aboutPorts(door.ports);
      return judge(door, proxy.program, standingOf(file, system, ports));
    };
    return forbidAny(proxy.configuration.doors, judged, {
      what: "the list of its own interfaces",
      none: `no interface of ${proxy.program}'s own answers others`,
    });
  },
});

function judge(door: ProxyDoor, program: string, standing: ReturnType<typeof standingOf>): Judgement | undefined {
  const { name, reach, signIn, place } = door;
  const extras = { place, detail: name };
  if (reach.kind === "unknown")
    return cannotTell(`how far ${name} of ${program} can be reached`, reach.why, { ...extras, severity: "info" });
  const far = knownValue(reach);
  if (far === "loopback" || far === "socket" || knownValue(signIn) === true) return undefined;
  if (signIn.kind === "unknown")
    return cannotTell(`whether ${name} of ${program} asks who comes`, signIn.why, { ...extras, severity: "info" });
  const where =
    far === "one-address"
      ? "on one address"
      : far === "inside"
        ? "all pods of its cluster"
        : standing === "machine"
          ? "on every address"
          : "on every network that it is on";
  return fail(`${name} of ${program} answers ${where}, and asks nobody who they are`, {
    ...extras,
    severity: severityOf(door, far === "inside" ? "inside" : standing),
  });
}

function severityOf({ allows }: ProxyDoor, standing: ReturnType<typeof standingOf>): Severity {
  if (allows === "figures") return "low";
  if (allows === "orders") return standing === "machine" ? "high" : "medium";
  return standing === "inside" ? "low" : "medium";
}
