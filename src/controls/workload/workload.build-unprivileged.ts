/**
 * A privileged build runs strangers' install scripts as root on the host.
 *
 * Reads:  workload.compose.buildPrivileged
 * Passes: the image is built without privileges.
 */
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";

export const buildUnprivileged = defineControl({
  id: "workload.build-unprivileged",
  on: "workload",
  severity: "medium",
  title: "Images are built without privileges",
  claim: "No image is built with privileges.",
  threat: "One hijacked package among those that the build installs is root on the host that builds.",
  remedy: "Remove `privileged: true` and `entitlements: [security.insecure]` from `build:`.",
  judged: "Fails when the build asks for privileges. Not applicable where nothing is built.",
  frameworks: { owaspDocker: ["D04", "D08"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  exposureMatters: false,

  check({ compose }) {
    if (compose === undefined || compose.buildPrivileged.kind === "unstated")
      return notApplicable("nothing is built, or nothing is asked for");
    return forbid(compose.buildPrivileged, (value) => value, { what: "a privileged build" });
  },
});
