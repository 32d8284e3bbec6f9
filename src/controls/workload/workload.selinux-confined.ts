/**
 * On hosts with SELinux its labels are what keeps a container from the host's files.
 *
 * Reads:  container.seLinux, container.privileged
 * Passes: separation by label is not switched off.
 */
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { hostPathOf, isEngineSocket } from "../knowledge/engine-socket.ts";
import { unlessWindows } from "../knowledge/platform-terms.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";

export const seLinuxConfined = defineControl({
  id: "workload.selinux-confined",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "medium",
  title: "SELinux is not switched off",
  claim: "No container switches SELinux's separation off.",
  threat: "Without its label a program that leaves the container meets no further wall on Fedora, RHEL and their like.",
  remedy:
    "Remove `label=disable` (or `label:disable`) from `security_opt:`. For a bind mount that is refused, add `:z` or `:Z` to that mount instead.",
  remedies: {
    kubernetes:
      "Remove `type: spc_t` from `seLinuxOptions`. For a volume that is refused, give the pod a `level` that fits the volume's label.",
  },
  judged:
    "Fails for `label=disable`, low where the container holds the engine's socket, which it could not use otherwise, on Kubernetes for the types `spc_t` and `unconfined_t`. Whether the host's kernel has SELinux at all shows only on the running system.",
  frameworks: {
    cisDocker: ["5.3"],
    owaspDocker: ["D04"],
    podSecurity: ["baseline/seLinuxOptions"],
    nsaKubernetes: ["hardening-services"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4", "W10"],
  },

  check(container, system) {
    // An engine leaves it unstated when its kernel has no such module, which no container can switch off.
    if (container.seLinux.kind === "unstated" && container.lens !== "written" && container.lens !== "declared")
      return notApplicable("the host's kernel has no SELinux");
    const judgement =
      unlessWindows(container) ??
      offWhenPrivileged(container) ??
      forbid(container.seLinux, (profile) => profile.kind === "unconfined", {
        what: "SELinux",
        show: (profile) => (profile.kind === "custom" ? `the type ${profile.name}` : profile.kind),
      });
    // With its label a container does not get at the socket, which is far worse than the label's absence.
    return judgement.verdict === "fail" && holdsEngineSocket(container, system)
      ? { ...judgement, severity: "low", settled: true }
      : judgement;
  },
});

function holdsEngineSocket(container: Container, system: System): boolean {
  return system.ownedBy(container.ref, "mount").some((mount) => isEngineSocket(hostPathOf(mount) ?? ""));
}
