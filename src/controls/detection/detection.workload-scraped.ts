/**
 * What nobody watches is found broken by those who broke it.
 *
 * Reads:  workload.scraped
 * Passes: the metrics collector scrapes the service.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";

export const workloadScraped = defineControl({
  id: "detection.workload-scraped",
  on: "workload",
  severity: "medium",
  title: "Services are watched",
  claim: "Prometheus scrapes every component that tells how it does.",
  threat: "A service that is down, full or busy with somebody else's work goes unnoticed.",
  remedy:
    "Declare `scrape: { port: 9100, path: /metrics }` on the service, and let Prometheus share a network with it.",
  judged:
    "Judged where it is known: for declared stacks by their scrape targets, for measured ones by what Prometheus says of its targets. Fails when the service is no target, or its target is down.",
  limits:
    "Of a Prometheus configuration in a file, the targets that it names are known; what it discovers is not, so that files alone never fail.",
  frameworks: { nistCsf: ["DE.CM-01", "DE.CM-09"], coverage: ["M1"] },
  exposureMatters: false,

  check({ scraped }) {
    if (scraped === undefined) return notApplicable("what is scraped is not known here");
    return demand(scraped, (value) => value, {
      what: "the scrape target",
      show: (value) => (value ? "up" : "missing or down"),
    });
  },
});
