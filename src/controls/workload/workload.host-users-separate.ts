/**
 * Where the engine maps root to a harmless user, this container's root is the host's root again.
 *
 * Reads:  workload.hostUsers
 * Passes: it is not asked for, which is the platform's default.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";

export const hostUsersSeparate = defineControl({
  id: "workload.host-users-separate",
  on: "workload",
  platforms: ["compose"],
  severity: "medium",
  title: "User namespaces are not opted out of",
  claim: "No container opts out of the engine's user namespaces.",
  threat: "Where the engine maps root to a harmless user, this container's root is the host's root again.",
  remedy: "Remove `userns_mode: host`.",
  judged: "Fails for `userns_mode: host`. Nothing stated passes, for the platform gives each container its own.",
  frameworks: { cisDocker: ["5.31"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },

  check(workload) {
    return forbid(workload.hostUsers, (shared) => shared, {
      what: "userns_mode",
      show: (shared) => (shared ? "host" : "not the host's"),
    });
  },
});
