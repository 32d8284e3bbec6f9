/**
 * Set-user-id programs in an image are the shortest way from the service's user back to root.
 *
 * Reads:  container.noNewPrivileges
 * Passes: no-new-privileges is on.
 */
import { defineControl } from "../define.ts";
import { demand } from "../judge.ts";

export const noNewPrivilegesOn = defineControl({
  id: "workload.no-new-privileges-on",
  on: "container",
  severity: "low",
  title: "Programs cannot gain privileges",
  claim: "No program in any container can gain privileges that it was not started with.",
  threat: "A set-user-id program in the image, or a hole in one, makes the service's user root in the container.",
  remedy: "Add `security_opt: [no-new-privileges:true]` to the service.",
  judged: "Fails when it is off or not stated, for the platform's default is off.",
  limits:
    "Images that start as root and drop with `sudo` or `su` do not start with it; those with `gosu` and `su-exec` do.",
  frameworks: { cisDocker: ["5.26"], owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  exposureMatters: false,
  fixable: true,

  check(container) {
    return demand(container.noNewPrivileges, (value) => value, { what: "no-new-privileges" });
  },
});
