/**
 * On the host's network there is no wall between a service and everything that listens on the host.
 *
 * Reads:  workload.networkMode
 * Passes: the workload has networks of its own, none, or another workload's.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";

export const hostNetworkOff = defineControl({
  id: "network.host-network-off",
  on: "workload",
  severity: "medium",
  title: "No service shares the host's network",
  claim: "No workload uses the host's network.",
  threat:
    "Every port that the program opens is open on every address of the host, and it reaches what listens on the host's loopback: databases, admin interfaces, other services.",
  remedy:
    "Remove `network_mode: host`, put the service on a network of its own, and publish only the ports that it needs under `ports:`. Discovery by broadcast (DLNA, mDNS, DHCP) may need a macvlan network instead.",
  judged: "Fails for the host's network. Unknown when the mode cannot be resolved.",
  frameworks: { cisDocker: ["5.10"], owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N2", "N6"] },

  check(workload) {
    return forbid(workload.networkMode, (mode) => mode.kind === "host", {
      what: "the network mode",
      show: (mode) => (mode.kind === "shared" ? `that of ${mode.with}` : mode.kind),
    });
  },
});
