/**
 * A service that hangs looks like one that runs, until somebody asks it.
 *
 * Reads:  container.healthCheck
 * Passes: a check is stated, or known to come with the image.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { termFor, unlessPassing } from "../knowledge/platform-terms.ts";

export const healthChecked = defineControl({
  id: "workload.health-checked",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "low",
  title: "Health is checked",
  claim: "Every container has a health check.",
  threat: "A service that was stopped or is stuck goes unnoticed, and what depends on it starts too early.",
  remedy:
    'Add `healthcheck:` with a `test:` that asks the service itself, for example `["CMD", "wget", "-q", "--spider", "http://127.0.0.1:8080/health"]`, and `interval: 30s`.',
  remedies: {
    kubernetes:
      "Add a `livenessProbe:` or `readinessProbe:` that asks the service itself, for example `{ httpGet: { path: /healthz, port: http }, periodSeconds: 30 }`.",
  },
  judged:
    "Fails when a check is switched off, and when none is stated. The image may bring one of its own, which a file does not show; stating it keeps it when the image changes. On Kubernetes any probe counts, and what is meant to end (jobs, init containers) needs none.",
  limits: "Whether the command proves anything is not judged.",
  frameworks: {
    cisDocker: ["4.6", "5.27"],
    owaspDocker: ["D07"],
    owaspKubernetes: ["K01"],
    nistCsf: ["DE.CM-09"],
    coverage: ["W8"],
  },
  exposureMatters: false,

  check(container, system) {
    const passing = unlessPassing(container);
    if (passing !== undefined) return passing;
    if (system.workloadOf(container)?.kubernetes?.runsToCompletion === true)
      return notApplicable("a job, which is meant to end");
    return demand(container.healthCheck, (check) => check.kind !== "disabled", {
      what: termFor(container, { kubernetes: "a liveness or readiness probe" }, "the health check"),
      show: (check) => (check.kind !== "disabled" ? "stated" : "switched off"),
      ...(container.platform === "kubernetes" ? {} : { unstated: "and only the image knows whether it brings one" }),
    });
  },
});
