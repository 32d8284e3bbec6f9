/**
 * On Docker's default bridge every container of the host reaches every other.
 *
 * Reads:  workload.networkMode, that of the workload whose network it shares
 * Passes: the workload has networks of its own, or none.
 */
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { networkModeBehind, sharedNetworkOf } from "../knowledge/network-mode.ts";

export const defaultBridgeUnused = defineControl({
  id: "network.default-bridge-unused",
  on: "workload",
  severity: "medium",
  title: "The engine's default bridge is not used",
  claim: "No workload is on the engine's default bridge.",
  threat:
    "Containers of other projects, and those that somebody started by hand, are on the same bridge and reach every port.",
  remedy: "Remove `network_mode: bridge`; Compose then makes a network for the project, on which services have names.",
  judged:
    "Fails for the engine's default bridge. A service in another's network stands as that one does, of which the finding is told. Unknown when the mode cannot be resolved, or the network is that of a container that is not described here.",
  platforms: ["compose"],
  frameworks: { cisDocker: ["5.30"], owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N2", "N5"] },
  exposureMatters: false,

  check(workload, system) {
    const judgement = forbid(networkModeBehind(workload, system), (mode) => mode.kind === "default-bridge", {
      what: "the network mode",
      show: (mode) => (mode.kind === "default-bridge" ? "the engine's default bridge" : mode.kind),
    });
    const owner = sharedNetworkOf(workload);
    if (owner !== undefined && judgement.verdict === "fail") return notApplicable(`the network is that of ${owner}`);
    return owner !== undefined && judgement.verdict === "unknown" ? { ...judgement, severity: "low" } : judgement;
  },
});
