/**
 * One word in the engine's configuration takes the filter of system calls from every container.
 *
 * Reads:  repository-file.configuration (Docker's engine: seccomp-profile)
 * Passes: the engine's own filter, or one of the author's, is what containers get.
 */
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { forbid } from "../judge.ts";
import { onEngine } from "../knowledge/docker-daemon.ts";

export const engineSeccompKept = defineControl({
  id: "workload.engine-seccomp-kept",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "medium",
  title: "The engine filters system calls",
  claim: "A container that names no seccomp profile runs under the engine's filter.",
  threat:
    "Every container of the host may make every system call of its kernel, and uses the holes behind them, though no service asks for it.",
  remedy:
    'Remove `"seccomp-profile": "unconfined"`. A service that needs more says so itself (`security_opt: [seccomp:FILE]`).',
  judged: "Fails for `unconfined`. Not stated, `builtin` and a profile of one's own pass; what is in that is not read.",
  frameworks: { cisDocker: ["2.17"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "System calls outside of the engine's own list are refused in containers that name no profile.",
    edits: (_file, _system, judgement) =>
      judgement.verdict === "fail" ? wordAt(judgement, "unconfined", "builtin") : undefined,
  },

  check(file) {
    return onEngine(file, ({ seccomp }) =>
      forbid(seccomp, (profile) => profile === "unconfined", {
        what: "the engine's seccomp profile",
        show: (profile) => (profile === "custom" ? "one of its author's" : profile),
      }),
    );
  },
});
