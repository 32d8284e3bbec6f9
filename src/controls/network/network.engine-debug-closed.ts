/**
 * A debugger of the daemon is a look into its memory.
 *
 * Reads:  host.incus.debugAddress
 * Passes: the debug server is off, or on loopback.
 */

import { hostOf, isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { forbid, notApplicable, pass } from "../judge.ts";

export const engineDebugClosed = defineControl({
  id: "network.engine-debug-closed",
  on: "host",
  platforms: ["incus"],
  severity: "high",
  title: "The server's debugger is not offered",
  claim: "Nobody on the network can ask the server for what is in its memory.",
  threat:
    "The debug server asks nobody who they are: it gives away stacks and heap of the daemon, with configuration and secrets in them, and lets anybody keep it busy.",
  remedy: 'Remove `"core.debug_address"`, or bind it to loopback while it is needed: `"127.0.0.1:8444"`.',
  judged: "Fails when `core.debug_address` is any address but loopback.",
  frameworks: { nistCsf: ["PR.PS-01"], coverage: ["N6"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "The debug port answers the server's own machine alone.",
    onlyNamed: true,
    edits: (_host, _system, { place }) =>
      valueAt(place, /["']((?:[\d.]{1,15}|\[[\da-f:]{0,40}\])?)(?=:\d{1,5}["'])/i, "127.0.0.1"),
  },

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus server");
    if (incus.debugAddress.kind === "unstated") return pass("the debug server is off", incus.debugAddress.place);
    return forbid(incus.debugAddress, (address) => !isLoopback(hostOf(address.trim())), {
      what: "`core.debug_address`",
    });
  },
});
