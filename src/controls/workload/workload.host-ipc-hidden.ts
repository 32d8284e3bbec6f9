/**
 * Shared memory of the host's processes can be read and changed from within.
 *
 * Reads:  workload.hostIpc
 * Passes: it is not asked for, which is the platform's default.
 */
import { defineControl } from "../define.ts";
import { forbid } from "../judge.ts";

export const hostIpcHidden = defineControl({
  id: "workload.host-ipc-hidden",
  on: "workload",
  severity: "medium",
  title: "The host's shared memory is hidden",
  claim: "No container shares the host's inter-process communication.",
  threat: "Shared memory of the host's processes can be read and changed from within.",
  remedy: "Remove `ipc: host`.",
  judged: "Fails for `ipc: host`. Nothing stated passes, for the platform gives each container its own.",
  frameworks: { cisDocker: ["5.17"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },

  check(workload) {
    return forbid(workload.hostIpc, (shared) => shared, {
      what: "`ipc`",
      show: (shared) => (shared ? "host" : "not the host's"),
    });
  },
});
