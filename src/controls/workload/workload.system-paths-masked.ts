/**
 * Parts of /proc and /sys are hidden from containers because writing to them changes the host.
 *
 * Reads:  workload.compose.systemPaths, container.privileged
 * Passes: they are masked, which is the platform's default.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";

export const systemPathsMasked = defineControl({
  id: "workload.system-paths-masked",
  on: "workload",
  severity: "medium",
  title: "System paths stay masked",
  claim: "No container sees the parts of /proc and /sys that the engine hides.",
  threat:
    "Unmasked, `/proc/sysrq-trigger`, `/proc/kcore` and parts of `/sys` lie open to a program that is root in the container.",
  remedy: "Remove `systempaths=unconfined` from `security_opt:`.",
  judged: "Fails for `systempaths=unconfined`. Only Docker has the option.",
  frameworks: { cisDocker: ["5.6"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },

  check(workload, system) {
    if (workload.compose === undefined) return notApplicable("the platform has no such option");
    if (system.containersOf(workload).some((container) => knownValue(container.privileged) === true)) {
      return notApplicable("the container is privileged, which workload.privileged-off reports");
    }
    return forbid(workload.compose.systemPaths, (paths) => paths === "unconfined", { what: "systempaths" });
  },
});
