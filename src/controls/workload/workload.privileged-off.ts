/**
 * A privileged container is root on the host with a few words in between.
 *
 * Reads:  container.privileged
 * Passes: privileged is false, by the author or by the platform's default.
 */

import type { Judgement } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { all, forbid } from "../judge.ts";
import { judgeHooks } from "../knowledge/hooks.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";

export const privilegedOff = defineControl({
  id: "workload.privileged-off",
  on: "container",
  severity: "high",
  title: "Containers are not privileged",
  claim: "No container runs privileged.",
  threat:
    "A privileged container has every capability, every device and no seccomp or AppArmor profile: whoever takes over its program mounts the host's disk and is root on the host.",
  remedy:
    "Remove `privileged: true`. Give what the program really needs instead: one device under `devices:`, or one capability under `cap_add:` after `cap_drop: [ALL]`.",
  remedies: {
    incus:
      'Remove `"security.privileged" = "true"` from the instance or the profile that it comes from. What needs it is mostly nested containers (`"security.nesting" = "true"` is enough) or the owner of a mounted folder (`shift = "true"` on the disk).',
    kubernetes:
      "Remove `securityContext.privileged: true`. Give what the program really needs instead: one capability under `capabilities.add` after `drop: [ALL]`, or a device by its device plugin (`resources: { limits: { gpu.intel.com/i915: 1 } }`).",
  },
  judged:
    "Fails when the container is privileged; an init container at medium, for it ends before anybody comes. On Kubernetes not applicable to a part of the node that cannot do without (a network plugin, a CSI driver, a device plugin: the container whose image their project publishes, where no Service and no route publishes it). Unknown when the value cannot be resolved.",
  frameworks: {
    cisDocker: ["5.5"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.2.2"],
    podSecurity: ["baseline/privileged"],
    nsaKubernetes: ["no-privileged"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },
  fix: {
    changesBehaviour:
      "The instance loses its hold on the host's devices and kernel settings, and Incus gives its files to other users of the host when it starts.",
    onlyNamed: true,
    // In Compose and Kubernetes it would have to be given what it needs instead.
    edits: ({ platform }, _system, judgement) =>
      platform === "incus" ? wordAt(judgement, "true", "false") : undefined,
  },

  check(container, system) {
    const found = forbid(container.privileged, (value) => value, { what: "privileged" });
    const hasEnded = container.kubernetes?.role === "init" && found.verdict === "fail";
    const judgement: Judgement = hasEnded ? { ...found, severity: "medium" } : found;
    const hooks = judgeHooks(container, system, ({ name, privileged }) =>
      forbid(privileged, (value) => value, { what: `privileged of the hook \`${name}\``, detail: name }),
    );
    return all(unlessNodePart(judgement, container, system), hooks);
  },
});
