/**
 * Logs that are gone tell nothing of the intrusion that is found a week later; logs that are never deleted fill the disk.
 *
 * Reads:  repository-file.configuration (Loki)
 * Passes: logs are kept for 30 days at least, and deleted at some time.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

const leastDays = 30;

export const logsKept = defineControl({
  id: "detection.logs-kept",
  on: "repository-file",
  software: serviceSoftware,
  severity: "low",
  title: "Logs are kept for 30 days, and then deleted",
  claim: "Logs are kept for 30 days at least, and do not pile up for ever.",
  threat: "What an intruder did is not to be found any more, or the disk is full of what nobody needs.",
  remedy: "In Loki: `compactor.retention_enabled: true` and `limits_config.retention_period: 720h`.",
  judged:
    "Fails for a Loki that deletes nothing, which is its default, and for one that keeps logs for less than 30 days. Unknown when the period cannot be resolved.",
  frameworks: { nistCsf: ["PR.PS-04"], nsaKubernetes: ["audit-logging"], zeroTrust: ["7"], coverage: ["M4"] },
  exposureMatters: false,

  check(file) {
    const days = serviceConfigurationOf(file)?.configuration.logDays;
    if (days === undefined) return notApplicable("it keeps no logs");
    return demand(days, (count) => count >= leastDays, {
      what: "how long logs are kept",
      show: (count) => `${Math.round(count * 10) / 10} days`,
      unstated: "and they are never deleted",
    });
  },
});
