/**
 * Fourteen capabilities come with every container; most services need none of them.
 *
 * Reads:  container.droppedCapabilities, container.privileged
 * Passes: ALL is dropped.
 */

import { knownValue } from "../../facts/fact.ts";
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
      "In Compose a container that may start as root keeps what such images use to take another user; some `ping`, packets made by hand, device files and capabilities of files go. Elsewhere no capability is left: a program that needs one fails with `Operation not permitted`.",
    onlyNamed: true,
    edits(container) {
      const { addedCapabilities: added, droppedCapabilities: dropped, platform, user } = container;
      // What is added was chosen beside the default ones.
      if (!added.complete || added.items.length > 0 || !dropped.complete) return undefined;
      if (platform === "kubernetes") {
        return [below(container, ["securityContext", "capabilities", "drop"], { kind: "append", value: "ALL" })];
      }
      const kept = (knownValue(user)?.uid ?? 0) > 0 ? [] : keptForRoot;
      const gone = new Set(dropped.items.map(({ name }) => name));
      const back = kept.filter((name) => !gone.has(name));
      return [
        below(container, ["cap_drop"], { kind: "append", value: "ALL" }),
        ...back.map((name) => below(container, ["cap_add"], { kind: "append", value: name })),
      ];
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

/**
 * Of the engine's default ones (moby, `oci/caps/defaults.go`) those with which an entrypoint that starts as root takes
 * folders and goes on as another user. Left out: AUDIT_WRITE, MKNOD, NET_RAW, SETFCAP, SETPCAP, SYS_CHROOT.
 */
const keptForRoot: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETUID",
];
