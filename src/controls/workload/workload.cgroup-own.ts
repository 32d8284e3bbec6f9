/**
 * Control groups are what limits hang on; a parent of one's own, or the host's view, slips out from under them.
 *
 * Reads:  workload.cgroupParent, workload.compose.cgroupNamespace
 * Passes: neither a parent nor the host's control group namespace is asked for.
 */

import { beforeAssignment } from "../../lib/before-assignment.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbid, pass } from "../judge.ts";

export const cgroupOwn = defineControl({
  id: "workload.cgroup-own",
  on: "workload",
  platforms: ["compose"],
  severity: "low",
  title: "Control groups are the engine's own",
  claim: "No container leaves the control group that the engine puts it in.",
  threat:
    "Under another parent its limits may not hold; with the host's namespace it sees, and with one hole changes, every group.",
  remedy: "Remove `cgroup_parent:` and `cgroup: host`.",
  judged:
    "Fails when a parent is stated, and for the host's control group namespace. Nothing stated passes: the engine makes a group of its own.",
  frameworks: { cisDocker: ["5.25"], owaspDocker: ["D07"], nistCsf: ["PR.PS-01"], coverage: ["W3"] },
  exposureMatters: false,

  check(workload) {
    const parent = parentOf(workload.cgroupParent);
    const namespace = workload.compose?.cgroupNamespace;
    if (namespace === undefined || namespace.kind === "unstated") return parent;
    return all(
      parent,
      forbid(namespace, (value) => value === "host", { what: "cgroup", detail: "namespace" }),
    );
  },
});

function parentOf(fact: Parameters<typeof forbid<string>>[0]) {
  switch (fact.kind) {
    case "unstated":
      return pass("the engine chooses the control group", fact.place);
    case "unknown":
      return cannotTell("cgroup_parent", fact.why, { place: fact.place });
    default:
      return fact.value === ""
        ? pass("the engine chooses the control group", fact.place)
        : fail(`cgroup_parent is ${beforeAssignment(fact.value)}`, { place: fact.place, detail: "parent" });
  }
}
