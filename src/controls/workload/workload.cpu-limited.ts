/**
 * One busy service must not starve the proxy and the alerting.
 *
 * Reads:  container.cpuLimit
 * Passes: a limit above zero is stated.
 */
import { defineControl } from "../define.ts";
import { demand } from "../judge.ts";

export const cpuLimited = defineControl({
  id: "workload.cpu-limited",
  on: "container",
  severity: "low",
  title: "CPU time is limited",
  claim: "Every container has a CPU limit.",
  threat: "A loop, or a miner that somebody left behind, takes every core, and with them the proxy and the alerting.",
  remedy: 'Add a limit, for example `cpus: 1.0` (or `deploy.resources.limits.cpus: "1.0"`).',
  judged: "Fails when no limit is stated, or one of zero, which means none. Shares and weights are no limit.",
  frameworks: { cisDocker: ["5.12"], owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["W3"] },
  exposureMatters: false,

  check(container) {
    return demand(container.cpuLimit, (cpus) => cpus > 0, { what: "the CPU limit" });
  },
});
