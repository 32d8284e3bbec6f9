/**
 * A network's gateway is the host: an internal network does not keep its members from what listens there.
 *
 * Reads:  network.hostAccess
 * Passes: members of the network cannot reach the host's listeners.
 */
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";

export const hostAccessClosed = defineControl({
  id: "network.host-access-closed",
  on: "network",
  severity: "medium",
  title: "Networks do not lead to the host's own listeners",
  claim: "No service can reach what listens on the host through its network's gateway.",
  threat:
    "SSH, an engine's API, a database or an admin interface that listens on the host's every address is open to every container, on internal networks too.",
  remedy:
    "In a stack of your own write `policies: { hostAccess: firewall }`: `ringwall plan` then shows the rules, and `ringwall up` sets them. Otherwise bind what listens on the host to loopback.",
  judged:
    "Fails when members can reach the host, as declared, told by the engine, or measured. Files do not show what listens on the host, so a file's network is not judged.",
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N2"] },
  exposureMatters: false,

  check(network) {
    if (network.lens === "written") return notApplicable("a file does not show what listens on the host");
    return forbid(network.hostAccess, (open) => open, {
      what: "the way to the host's own listeners",
      show: (open) => (open ? "open" : "closed"),
    });
  },
});
