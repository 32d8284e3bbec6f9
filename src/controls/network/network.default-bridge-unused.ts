/**
 * On Docker's default bridge every container of the host reaches every other.
 *
 * Reads:  workload.networkMode, network.driver
 * Passes: the workload has networks of its own, or none.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";

export const defaultBridgeUnused = defineControl({
  id: "network.default-bridge-unused",
  on: "workload",
  severity: "medium",
  title: "The engine's default bridge is not used",
  claim: "No workload is on the engine's default bridge.",
  threat:
    "Containers of other projects, and those that somebody started by hand, are on the same bridge and reach every port.",
  remedy: "Remove `network_mode: bridge`; Compose then makes a network for the project, on which services have names.",
  judged: "Fails for the engine's default bridge. Unknown when the mode cannot be resolved.",
  platforms: ["compose"],
  frameworks: { cisDocker: ["5.30"], owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N2", "N5"] },
  exposureMatters: false,

  check(workload) {
    return forbid(workload.networkMode, (mode) => mode.kind === "default-bridge", {
      what: "the network mode",
      show: (mode) => (mode.kind === "default-bridge" ? "the engine's default bridge" : mode.kind),
    });
  },
});
