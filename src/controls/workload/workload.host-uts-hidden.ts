/**
 * A container with the capability for it renames the host, and with that confuses logs and certificates.
 *
 * Reads:  workload.hostUts
 * Passes: it is not asked for, which is the platform's default.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";

export const hostUtsHidden = defineControl({
  id: "workload.host-uts-hidden",
  on: "workload",
  platforms: ["compose"],
  severity: "low",
  title: "The host's name is not shared",
  claim: "No container can change the host's name.",
  threat: "A container with the capability for it renames the host, and with that confuses logs and certificates.",
  remedy: "Remove `uts: host`.",
  judged: "Fails for `uts: host`. Nothing stated passes, for the platform gives each container its own.",
  frameworks: { cisDocker: ["5.21"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },

  check(workload) {
    return forbid(workload.hostUts, (shared) => shared, {
      what: "`uts`",
      show: (shared) => (shared ? "host" : "not the host's"),
    });
  },
});
