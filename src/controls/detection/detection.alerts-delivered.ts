/**
 * An alert that reaches nobody is an alert that was not raised.
 *
 * Reads:  repository-file.configuration (Prometheus, Alertmanager)
 * Passes: Prometheus gives its alerts to an Alertmanager, and that has somebody to tell.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

export const alertsDelivered = defineControl({
  id: "detection.alerts-delivered",
  on: "repository-file",
  software: serviceSoftware,
  severity: "medium",
  title: "Alerts get to a person",
  claim: "Alerts that are raised are delivered to somebody.",
  threat: "The alert fires while the disk fills or the intruder works, and nobody hears it.",
  remedy:
    "Name an Alertmanager under `alerting.alertmanagers` in Prometheus, and give the receiver of Alertmanager's root route a way to tell (`email_configs`, `webhook_configs`, …).",
  judged:
    "Fails for a Prometheus that loads alert rules and names no Alertmanager, and for an Alertmanager whose root route leads to a receiver that tells nobody while no other route does. Not applicable to a Prometheus without rules.",
  limits: "Whether the message arrives is not tried.",
  frameworks: {
    nistCsf: ["DE.AE-02"],
    nsaKubernetes: ["threat-detection"],
    owaspKubernetes: ["K10"],
    coverage: ["M3"],
  },
  exposureMatters: false,

  check(file) {
    const found = serviceConfigurationOf(file);
    const delivered = found?.configuration.alertsDelivered;
    if (found === undefined || delivered === undefined) return notApplicable("it raises no alerts");
    if (delivered.kind === "unstated") return notApplicable("it loads no alert rules");
    return demand(delivered, (reaches) => reaches, {
      what: `where ${found.program}'s alerts go`,
      show: (reaches) => (reaches ? "stated" : "nowhere"),
    });
  },
});
