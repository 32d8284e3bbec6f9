/**
 * A fork bomb in one container takes the process table of the whole host.
 *
 * Reads:  container.pidsLimit
 * Passes: a limit above zero is stated.
 */
import { defineControl } from "../define.ts";
import { demand } from "../judge.ts";

export const pidsLimited = defineControl({
  id: "workload.pids-limited",
  on: "container",
  severity: "low",
  title: "The number of processes is limited",
  claim: "Every container has a limit of processes.",
  threat: "A program that forks without end fills the host's process table, and nobody can log in to stop it.",
  remedy: "Add a limit, for example `pids_limit: 200` (or `deploy.resources.limits.pids: 200`).",
  judged: "Fails when no limit is stated, or one of zero or -1, which means none.",
  frameworks: { cisDocker: ["5.29"], owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["W3"] },
  exposureMatters: false,
  fixable: true,

  check(container) {
    return demand(container.pidsLimit, (processes) => processes > 0, { what: "the process limit" });
  },
});
