/**
 * The seccomp filter keeps some forty system calls, and the holes behind them, from a container.
 *
 * Reads:  container.seccomp, container.privileged
 * Passes: the default filter, or one of the author's, is on.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { setBelow } from "../fix.ts";
import { fail, forbid } from "../judge.ts";
import { unlessGuest, unlessWindows } from "../knowledge/platform-terms.ts";
import { offWhenPrivileged } from "../knowledge/privileged.ts";

export const seccompConfined = defineControl({
  id: "workload.seccomp-confined",
  on: "container",
  severity: "medium",
  title: "The system call filter is on",
  claim: "Every container runs under a seccomp filter.",
  threat: "Without it every system call of the host's kernel is open to the program, and with each the holes in it.",
  remedy:
    "Remove `seccomp=unconfined` (or `seccomp:unconfined`) from `security_opt:`. Where the program needs one call more, write a profile that adds it and name its file.",
  remedies: {
    incus:
      'Remove `"security.syscalls.deny_default" = "false"`. Where a program needs a refused call, name it alone under `security.syscalls.allow`, or use an interception (`security.syscalls.intercept.*`).',
    kubernetes:
      "Add `securityContext: { seccompProfile: { type: RuntimeDefault } }` to the pod, which all its containers inherit. Where the program needs one call more, put a profile on the nodes and name it with `type: Localhost`.",
  },
  judged:
    "Fails for `unconfined`. The platform's default and a profile of one's own pass. What is in that profile is not read. On Kubernetes nothing stated is told too, as information: a container then has no filter, unless the kubelet of its node runs with `SeccompDefault` (as Talos sets it up), which no manifest shows.",
  frameworks: {
    cisDocker: ["5.22"],
    owaspDocker: ["D04"],
    cisKubernetes: ["5.7.2"],
    podSecurity: ["baseline/seccompProfile", "restricted/seccompProfile"],
    nsaKubernetes: ["hardening-services"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  fix: {
    changesBehaviour:
      "System calls outside of the container runtime's own list are refused; few programs but debuggers and sandboxes use them.",
    edits(container) {
      // One that is stated was chosen.
      return container.platform === "kubernetes" && container.seccomp.kind === "defaulted"
        ? [setBelow(container, ["securityContext", "seccompProfile", "type"], "RuntimeDefault")]
        : undefined;
    },
  },

  check(container, system) {
    return (
      unlessWindows(container) ??
      unlessGuest(container, system) ??
      offWhenPrivileged(container, container.seccomp) ??
      whenNobodySaysSo(container) ??
      forbid(container.seccomp, (profile) => profile.kind === "unconfined", {
        what: "seccomp",
        show: (profile) => (profile.kind === "custom" ? `the profile ${profile.name}` : profile.kind),
      })
    );
  },
});

/** Kubernetes' own default is no filter; the node may have another. */
function whenNobodySaysSo({ platform, seccomp }: Container): Judgement | undefined {
  if (platform !== "kubernetes" || seccomp.kind !== "defaulted" || knownValue(seccomp)?.kind !== "unconfined")
    return undefined;
  const message =
    "no seccomp profile is stated, and without one nothing is filtered unless the node's kubelet sets a default";
  return fail(message, { place: seccomp.place, severity: "info" });
}
