/**
 * Fourteen capabilities come with every container; most services need none of them.
 *
 * Reads:  container.droppedCapabilities, container.privileged
 * Passes: ALL is dropped.
 */

import { defineControl } from "../define.ts";
import { below } from "../fix.ts";
import { requireSome } from "../judge.ts";
import { unlessWindows } from "../knowledge/platform-terms.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";

export const capabilitiesDropped = defineControl({
  id: "workload.capabilities-dropped",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "low",
  title: "All capabilities are dropped",
  claim: "Every container starts with no capability but those that are added back by name.",
  threat:
    "The default capabilities let a taken-over program forge packets, take other users' files and identities inside the container, and widen holes in the kernel.",
  remedy:
    "Add `cap_drop: [ALL]`, and under `cap_add:` only what the service fails without, such as `CHOWN` or `SETUID`.",
  remedies: {
    kubernetes:
      "Add `securityContext: { capabilities: { drop: [ALL] } }` to the container, and under `add:` only what it fails without, such as `NET_BIND_SERVICE`.",
  },
  judged: "Passes when `ALL` is among the dropped capabilities. Fails when it is not, or none are stated.",
  frameworks: {
    cisDocker: ["5.4"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.2.8", "5.2.10"],
    podSecurity: ["restricted/capabilities"],
    nsaKubernetes: ["capabilities"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "A program that starts as root to take another user, to own files or to open a port below 1024 fails with `Operation not permitted`; so does a file that has capabilities of its own.",
    onlyNamed: true,
    edits(container) {
      const { addedCapabilities: added, droppedCapabilities: dropped, platform } = container;
      // What is added was chosen beside the default ones.
      if (!added.complete || added.items.length > 0 || !dropped.complete) return undefined;
      const path = platform === "kubernetes" ? ["securityContext", "capabilities", "drop"] : ["cap_drop"];
      return [below(container, path, { kind: "append", value: "ALL" })];
    },
  },

  check(container) {
    return (
      unlessWindows(container) ??
      offWhenPrivileged(container) ??
      requireSome(container.droppedCapabilities, (capability) => capability.name === "ALL", {
        what: "Whether all capabilities are dropped",
        found: "all capabilities are dropped",
        missing:
          container.droppedCapabilities.items.length === 0
            ? "no capability is dropped"
            : "only some capabilities are dropped, not ALL",
      })
    );
  },
});
