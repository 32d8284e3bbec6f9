/**
 * Figures of every instance tell an intruder where to go.
 *
 * Reads:  host.incus.metricsAuthentication, host.incus.metricsAddress, host.incus.apiAddress
 * Passes: the metrics ask for a certificate, or are offered on no network.
 */

import { knownValue } from "../../facts/fact.ts";
import { hostOf, isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { forbid, notApplicable } from "../judge.ts";

export const metricsLoginRequired = defineControl({
  id: "identity.metrics-login-required",
  on: "host",
  platforms: ["incus"],
  severity: "medium",
  title: "The server's metrics ask who is there",
  claim: "Nobody reads the figures of the server's instances without a certificate.",
  threat: "Names, networks, memory and processes of all instances lie open to whoever reaches the port.",
  remedy:
    'Remove `"core.metrics_authentication" = "false"`, and give Prometheus a certificate of its own: an `incus_certificate` with `type = "metrics"`.',
  judged: "Fails for `core.metrics_authentication = false`. Not applicable where nothing listens.",
  frameworks: { nistCsf: ["PR.AA-03"], zeroTrust: ["2"], coverage: ["T7", "M1"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Whoever reads the metrics needs a certificate of type `metrics`.",
    onlyNamed: true,
    edits: (_host, _system, judgement) => wordAt(judgement, "false", "true"),
  },

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus server");
    const { metricsAddress, apiAddress, metricsAuthentication } = incus;
    if (metricsAddress.kind === "unstated" && apiAddress.kind === "unstated") {
      return notApplicable("the server listens on no network");
    }
    const place = metricsAuthentication.place;
    const local = isLoopback(hostOf(knownValue(metricsAddress) ?? "")) && apiAddress.kind === "unstated";
    if (local) return notApplicable("the metrics are offered on loopback only");
    return { place, ...forbid(metricsAuthentication, (asked) => !asked, { what: "`core.metrics_authentication`" }) };
  },
});
