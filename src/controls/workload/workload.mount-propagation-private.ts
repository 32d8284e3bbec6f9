/**
 * A shared mount lets a container put file systems into the host.
 *
 * Reads:  mount.propagation, mount.type
 * Passes: mounts made inside do not reach the host.
 */
import { defineControl } from "../define.ts";
import { cannotTell, forbid, notApplicable } from "../judge.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { termFor } from "../knowledge/platform-terms.ts";

export const mountPropagationPrivate = defineControl({
  id: "workload.mount-propagation-private",
  on: "mount",
  severity: "medium",
  title: "Mounts do not spread to the host",
  claim: "No mount made inside a container shows on the host.",
  threat: "A container that may mount puts a file system of its own over the host's folders, its programs among them.",
  remedy:
    "Remove `:shared` or `:rshared` from the mount (`bind.propagation` in the long form); `rslave` is enough to see the host's mounts.",
  remedies: {
    incus:
      "Remove `propagation = \"rshared\"` from the disk's properties; `rslave` is enough to see the host's mounts.",
    kubernetes:
      "Remove `mountPropagation: Bidirectional` from the mount; `HostToContainer` is enough to see the node's mounts. What mounts for others (a CSI driver) needs it: record why.",
  },
  judged:
    "Fails for `shared` and `rshared`. `slave` and `private` pass. Not applicable to a part of a cluster's node, such as a CSI driver, which mounts for others.",
  frameworks: {
    cisDocker: ["5.20"],
    owaspDocker: ["D04"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W6"],
  },

  check(mount, system) {
    if (mount.type.kind === "unknown")
      return cannotTell("whether the host's files are mounted", mount.type.why, { severity: "info" });
    if (mount.type.kind === "unstated" || mount.type.value !== "bind") return notApplicable("not a path of the host");
    const judgement = forbid(mount.propagation, (value) => value === "shared" || value === "rshared", {
      what: termFor(mount, { kubernetes: "`mountPropagation`" }, "propagation"),
      ...(mount.platform === "kubernetes" ? { show: asKubernetes } : {}),
    });
    return unlessNodePart(judgement, mount, system);
  },
});

function asKubernetes(propagation: string): string {
  return propagation === "rshared" ? "Bidirectional" : propagation === "rslave" ? "HostToContainer" : "None";
}
