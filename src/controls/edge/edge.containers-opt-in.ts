/**
 * What is exposed unless somebody says no is exposed when somebody forgets.
 *
 * Reads:  repository-file.configuration (exposedByDefault of Traefik)
 * Passes: a container gets a route only where its labels ask for one.
 */

import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { demand, notApplicable } from "../judge.ts";
import { proxyConfigurationOf } from "../knowledge/proxy-configuration.ts";
import { traefikOption } from "../knowledge/traefik-option.ts";

/** The value itself, or the argument that gives it: of a list of arguments only the beginning is known. */
const switchedOn = /["']?(?:.{0,4000}?--providers\.docker\.exposedbydefault=)?["']?(true)(?![\w.-])/is;

export const containersOptIn = defineControl({
  id: "edge.containers-opt-in",
  on: "repository-file",
  software: ["traefik"],
  severity: "medium",
  title: "Containers are exposed where they ask for it",
  claim: "Traefik gives no container a route that did not ask for one.",
  threat:
    "Every container on Traefik's network answers to its own name in the Host header, the database's administration and the unfinished test among them.",
  remedy:
    'Set `exposedByDefault: false` on the provider (`--providers.docker.exposedbydefault=false`), and `traefik.enable: "true"` on the services that shall be reached.',
  judged:
    "Fails when `exposedByDefault` of the provider is true, which is its default. Not applicable without a provider of containers.",
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], zeroTrust: ["3"], coverage: ["N6", "A3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Containers without the label `traefik.enable=true` get no route any more.",
    onlyNamed: true,
    edits(file, system, judgement) {
      const proxy = proxyConfigurationOf(file)?.configuration;
      if (proxy?.software !== "traefik") return undefined;
      const path = ["providers", "docker", "exposedByDefault"];
      const option = { path, value: false, argument: "--providers.docker.exposedbydefault=false" };
      return proxy.exposedByDefault.kind === "defaulted"
        ? traefikOption(file, system, proxy, option)
        : valueAt(judgement.place, switchedOn, "false");
    },
  },

  check(file) {
    const proxy = proxyConfigurationOf(file);
    if (proxy?.configuration.software !== "traefik") return notApplicable("it is not Traefik's configuration");
    const { exposedByDefault } = proxy.configuration;
    if (exposedByDefault.kind === "unstated") return notApplicable("no provider of containers is on");
    return demand(exposedByDefault, (value) => !value, {
      what: "exposedByDefault",
      show: (value) => (value ? "on: every container gets a route" : "off"),
    });
  },
});
