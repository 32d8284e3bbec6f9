/**
 * After a crash or a reboot somebody has to start the service again: the engine, or nobody.
 *
 * Reads:  workload.restart
 * Passes: a policy is stated, `no` included, which is a decision.
 */
import { defineControl } from "../define.ts";
import { setBelow } from "../fix.ts";
import { demand } from "../judge.ts";

export const restartStated = defineControl({
  id: "workload.restart-stated",
  on: "workload",
  severity: "low",
  title: "The restart policy is stated",
  claim: "Every service says what happens when it stops.",
  threat:
    "A service that an attacker makes crash, or that a reboot stopped, stays down: the proxy's rules and the alerting too.",
  remedy:
    'Add `restart: unless-stopped`, or `restart: on-failure:5` to give up after five times; `restart: "no"` for a job that runs once.',
  remedies: {
    incus:
      'Add `"boot.autorestart" = "true"` to the instance\'s `config`: the program of an OCI image that ends by itself is then started again.',
    swarm:
      "Add `deploy.restart_policy: { condition: any }`, or `condition: none` for a job that runs once; a stack of Swarm ignores `restart`.",
  },
  judged: "Fails when no policy is stated. A stated `no` passes, for a job that runs once is meant to stop.",
  frameworks: { cisDocker: ["5.15"], owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["W8"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "A service that ends by itself, as a job that runs once does, is started again each time.",
    onlyNamed: true,
    edits(workload) {
      if (workload.compose?.swarm !== undefined && workload.restart.kind === "unstated")
        return [setBelow(workload, ["deploy", "restart_policy", "condition"], "any")];
      return workload.platform === "compose" && workload.restart.kind === "unstated"
        ? [setBelow(workload, ["restart"], "unless-stopped")]
        : undefined;
    },
  },

  check(workload) {
    return demand(workload.restart, () => true, { what: "the restart policy", show: (policy) => policy.kind });
  },
});
