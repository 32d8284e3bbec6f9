/**
 * A step of a build that is not confined runs strangers' install scripts on the host.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: every step runs in the builder's sandbox and network.
 */
import { defineControl } from "../define.ts";
import { forbidRisks } from "../knowledge/build-risks.ts";

export const buildStepsConfined = defineControl({
  id: "workload.build-steps-confined",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "medium",
  title: "Steps of a build are confined",
  claim: "No step of a build runs with all privileges or in the host's network.",
  threat:
    "One hijacked package among those that the step installs is root on the machine that builds, or talks to what listens there.",
  remedy: "Remove `--security=insecure` and `--network=host` from `RUN`.",
  judged:
    "Fails at medium for `RUN --security=insecure`, which needs an entitlement of the builder, as does `--network=host`.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  exposureMatters: false,

  check(file) {
    return forbidRisks(file, { "unconfined-step": "medium" }, "every step is confined");
  },
});
