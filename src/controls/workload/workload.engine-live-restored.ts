/**
 * An engine that takes every container down with it is not updated when it should be.
 *
 * Reads:  repository-file.configuration (Docker's engine: live-restore)
 * Passes: containers run on while the engine is restarted.
 */
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { demand } from "../judge.ts";
import { onEngine } from "../knowledge/docker-daemon.ts";

export const engineLiveRestored = defineControl({
  id: "workload.engine-live-restored",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "info",
  title: "Containers run on while the engine is restarted",
  claim: "Containers run on while the engine is stopped, updated or crashed.",
  threat: "An update of the engine stops everything, and so waits, with the holes that it would close.",
  remedy: 'Add `"live-restore": true`. An engine in a swarm does not start with it.',
  judged: "Fails as information unless `live-restore` is true, for the engine's default is false.",
  limits: "Whether the engine is in a swarm, where it cannot be on, is not in this file.",
  frameworks: { cisDocker: ["2.15"], owaspDocker: ["D02"], nistCsf: ["PR.IR-04"], coverage: ["W8"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Containers run on while the engine is restarted; an engine in a swarm does not start.",
    onlyNamed: true,
    edits: (_file, _system, judgement) =>
      judgement.verdict === "fail" ? wordAt(judgement, "false", "true") : undefined,
  },

  check(file) {
    return onEngine(file, ({ liveRestore }) => demand(liveRestore, (on) => on, { what: "`live-restore`" }));
  },
});
