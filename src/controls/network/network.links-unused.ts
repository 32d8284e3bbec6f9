/**
 * Links copy the linked container's environment, its secrets too, into the other one.
 *
 * Reads:  workload.compose.links, workload.networkMode
 * Passes: no link is stated.
 */
import { knownValue } from "../../facts/fact.ts";
import { beforeAssignment } from "../../lib/before-assignment.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const linksUnused = defineControl({
  id: "network.links-unused",
  on: "workload",
  severity: "info",
  title: "Legacy links are not used",
  claim: "No service uses legacy links.",
  threat:
    "On the default bridge a link puts the other container's environment, with its passwords, into this one; elsewhere it hides who talks to whom.",
  remedy: "Remove `links:`; services on the same network reach one another by name. Use `depends_on:` for the order.",
  judged: "Fails when `links:` is stated, at medium on the default bridge, where it copies the environment.",
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N10", "S9"] },
  exposureMatters: false,

  check(workload) {
    if (workload.compose === undefined) return notApplicable("the platform has no links");
    const { links } = workload.compose;
    if (links.items.length === 0) {
      return links.complete
        ? pass("no link is stated")
        : cannotTell("whether it links others", links.why, { place: links.place });
    }
    const onBridge = knownValue(workload.networkMode)?.kind === "default-bridge";
    return fail(
      `it links ${links.items.map((link) => beforeAssignment(link).split(":")[0]).join(", ")}`,
      onBridge ? { severity: "medium" } : {},
    );
  },
});
