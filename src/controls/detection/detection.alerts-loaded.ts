/**
 * Figures that nobody looks at warn nobody.
 *
 * Reads:  workload.alertRules
 * Passes: the alerts that every stack needs are loaded.
 */
import { defineControl } from "../define.ts";
import { all, notApplicable, requireSome } from "../judge.ts";

const needed = ["ServiceDown", "CriticalMemoryUsage", "DiskSpaceCritical"] as const;

export const alertsLoaded = defineControl({
  id: "detection.alerts-loaded",
  on: "workload",
  severity: "medium",
  title: "Alerts are loaded",
  claim: "Alerts for a service that is down, memory and disk that run out are loaded.",
  threat: "A stopped service or a full disk is found by its users, an intruder's miner by the bill.",
  remedy:
    "Keep the rules that Ringwall renders for Prometheus, or load rules of these names: ServiceDown (2 minutes), CriticalMemoryUsage (over 95 % for 5 minutes), DiskSpaceCritical (under 10 % for 5 minutes).",
  judged:
    "Judged for a workload that evaluates alerts, where its rules are known: declared, or told by its API. Fails for each missing name.",
  limits: "What a rule's expression says is tested where the rules are made, not here.",
  frameworks: { nistCsf: ["DE.AE-02", "DE.CM-09"], coverage: ["M2"] },
  exposureMatters: false,

  check({ alertRules }) {
    if (alertRules === undefined) return notApplicable("it evaluates no alerts, or its rules are not known here");
    return all(
      needed.map((name) => ({
        ...requireSome(alertRules, (rule) => rule === name, {
          what: `Whether the alert ${name} is loaded`,
          found: `the alert ${name} is loaded`,
          missing: `the alert ${name} is not loaded`,
        }),
        detail: name,
      })),
    );
  },
});
