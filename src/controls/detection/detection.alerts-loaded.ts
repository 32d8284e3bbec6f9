/**
 * Figures that nobody looks at warn nobody.
 *
 * Reads:  workload.alertRules, workload.alertedConditions
 * Passes: the alerts that every stack needs are loaded.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { FactList } from "../../facts/fact.ts";
import type { AlertedCondition } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { all, notApplicable, requireSome } from "../judge.ts";

const needed = ["ServiceDown", "CriticalMemoryUsage", "DiskSpaceCritical"] as const;
const neededConditions = [
  ["service-down", "a service that is down"],
  ["memory", "memory that runs out"],
  ["disk", "a disk that runs full"],
] as const;

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
    "Judged for a workload that evaluates alerts, where its rules are known: declared, told by its API, or in the rule files of a Prometheus configuration that it mounts. Fails for each missing name; of rule files, which have names of their own, for each condition that no expression asks for, at low.",
  limits: "What a rule's expression says is tested where the rules are made, not here.",
  frameworks: { nistCsf: ["DE.AE-02", "DE.CM-09"], coverage: ["M2"] },
  exposureMatters: false,

  check({ alertRules, alertedConditions }) {
    if (alertRules === undefined && alertedConditions !== undefined) return judgeConditions(alertedConditions);
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

/** Rules that people wrote have names of their own, so that what their expressions ask for is looked at. */
function judgeConditions(conditions: FactList<AlertedCondition>): readonly Judgement[] {
  return all(
    neededConditions.map(([condition, words]) => {
      const judgement = requireSome(conditions, (known) => known === condition, {
        what: `Whether there is an alert for ${words}`,
        found: `there is an alert for ${words}`,
        missing: `there is no alert for ${words}`,
      });
      return { ...judgement, severity: "low" as const, detail: condition };
    }),
  );
}
