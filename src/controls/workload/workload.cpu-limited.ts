/**
 * One busy service must not starve the proxy and the alerting.
 *
 * Reads:  container.cpuLimit
 * Passes: a limit above zero is stated.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { unlessPassing } from "../knowledge/platform-terms.ts";

export const cpuLimited = defineControl({
  id: "workload.cpu-limited",
  on: "container",
  severity: "low",
  title: "CPU time is limited",
  claim: "Every container has a CPU limit.",
  threat: "A loop, or a miner that somebody left behind, takes every core, and with them the proxy and the alerting.",
  remedy: 'Add a limit, for example `cpus: 1.0` (or `deploy.resources.limits.cpus: "1.0"`).',
  remedies: {
    incus:
      'Add `"limits.cpu" = "2"`, or a share of time: `"limits.cpu.allowance" = "50ms/100ms"` (a percentage alone is a weight).',
    kubernetes:
      'Add `resources: { requests: { cpu: 50m } }` to the container, which gives it its share and no more when CPU is short, or a limit: `limits: { cpu: "1" }`; or a LimitRange to the namespace.',
    swarm: 'Add a limit, for example `deploy.resources.limits.cpus: "1.0"`; a stack of Swarm refuses `cpus`.',
  },
  judged:
    "Fails when no limit is stated, or one of zero, which means none. Shares and weights are no limit, but on Kubernetes a container with a CPU request is not asked for one: its share is what it gets when CPU is short. Init containers are not judged.",
  frameworks: {
    cisDocker: ["5.12"],
    owaspDocker: ["D07"],
    nsaKubernetes: ["resource-limits"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.IR-04"],
    coverage: ["W3"],
  },
  exposureMatters: false,

  check(container) {
    const passing = unlessPassing(container);
    if (passing !== undefined) return passing;
    const request = container.kubernetes === undefined ? undefined : knownValue(container.kubernetes.cpuRequest);
    if (request !== undefined && container.cpuLimit.kind === "unstated")
      return notApplicable(`its CPU request of ${request} is its share when CPU is short`);
    return demand(container.cpuLimit, (cpus) => cpus > 0, { what: "the CPU limit" });
  },
});
