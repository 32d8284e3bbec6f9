/**
 * What is handed to LXC or QEMU raw passes by everything that the server checks.
 *
 * Reads:  workload.incus.rawOptions
 * Passes: no raw option takes away what keeps the instance apart.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const rawOptionsSafe = defineControl({
  id: "workload.raw-options-safe",
  on: "workload",
  platforms: ["incus"],
  severity: "medium",
  title: "No raw option opens an instance",
  claim: "No instance has raw options that take away what keeps it from the host.",
  threat:
    "One line of `raw.lxc` opens every device, gives the dropped capabilities back or shares the host's namespaces: whoever takes over the program is root on the host.",
  remedy:
    "Remove the line and use the key that Incus has for it: a `unix-char` or `gpu` device, a disk, `security.nesting`, `security.syscalls.intercept.*`. Where there is none, record it: `# ringwall-ignore workload.raw-options-safe: reason`.",
  judged:
    "High for lines that lead out: `lxc.cgroup2.devices.allow = a`, an empty `lxc.cap.drop`, `lxc.mount.auto` with writable `proc` or `sys`, namespaces of the host, hooks, and a `raw.idmap` that maps the host's root. Medium for mounts, devices and profiles past the server, low for added AppArmor rules. An AppArmor profile that is switched off is told by workload.apparmor-confined. Other lines pass.",
  frameworks: { cisDocker: ["5.4", "5.5"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus instance");
    return forbidAny(
      incus.rawOptions,
      ({ key, does, leadsOut, place }) =>
        fail(`\`${key}\` ${does}`, {
          place,
          detail: `${key} ${does}`,
          severity: leadsOut ? "high" : key === "raw.apparmor" ? "low" : "medium",
        }),
      { what: "the raw options", none: "no raw option opens it" },
    );
  },
});
