/**
 * The seccomp filter keeps some forty system calls, and the holes behind them, from a container.
 *
 * Reads:  container.seccomp, container.privileged
 * Passes: the default filter, or one of the author's, is on.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";
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
  judged:
    "Fails for `unconfined`. The platform's default and a profile of one's own pass. What is in that profile is not read.",
  frameworks: { cisDocker: ["5.22"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },

  check(container) {
    return (
      offWhenPrivileged(container, container.seccomp) ??
      forbid(container.seccomp, (profile) => profile.kind === "unconfined", {
        what: "seccomp",
        show: (profile) => (profile.kind === "custom" ? `the profile ${profile.name}` : profile.kind),
      })
    );
  },
});
