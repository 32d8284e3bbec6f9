/**
 * What an engine offers as an experiment has had few eyes on it.
 *
 * Reads:  repository-file.configuration (Docker's engine: experimental)
 * Passes: experiments are off, which is the engine's default.
 */
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { forbid } from "../judge.ts";
import { onEngine } from "../knowledge/docker-daemon.ts";

export const engineExperimentsOff = defineControl({
  id: "workload.engine-experiments-off",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "info",
  title: "The engine runs without experiments",
  claim: "The engine offers no feature that its makers call experimental.",
  threat: "Code that few have looked at runs as root on the host.",
  remedy: 'Remove `"experimental": true`, or record what it is needed for.',
  judged: "Fails as information for `experimental: true`. Not stated passes.",
  frameworks: { cisDocker: ["2.18"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Experimental features of the engine are gone: checkpoints, and images of another architecture in old ones.",
    onlyNamed: true,
    edits: (_file, _system, judgement) =>
      judgement.verdict === "fail" ? wordAt(judgement, "true", "false") : undefined,
  },

  check(file) {
    return onEngine(file, ({ experimental }) => forbid(experimental, (on) => on, { what: "`experimental`" }));
  },
});
