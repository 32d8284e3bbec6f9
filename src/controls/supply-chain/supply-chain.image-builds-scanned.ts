/**
 * An image that nobody scans is shipped with holes that everybody can look up.
 *
 * Reads:  pipeline.workflow.buildsImages, pipeline.workflow.scans, pipeline.workflow.triggers (of all workflows)
 * Passes: a workflow scans for known vulnerabilities, and one of those that do runs on a schedule.
 */
import type { System } from "../../facts/system.ts";
import type { WorkflowExtension } from "../../facts/workflow.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const imageBuildsScanned = defineControl({
  id: "supply-chain.image-builds-scanned",
  on: "pipeline",
  severity: "low",
  title: "Images that a workflow builds are scanned for known vulnerabilities",
  claim: "Images that are built here are scanned for known vulnerabilities when they are built and every week.",
  threat: "A hole that was published after the image was built, or before, is found first by whoever looks for it.",
  remedy:
    'Scan what is built before it is pushed, and once a week (`schedule: [{ cron: "17 4 * * 1" }]`), with Trivy pinned by commit, without privileges, and no secrets in that job.',
  judged:
    "For workflows that push images. Fails at low when no workflow of the repository runs a scanner (Trivy, Grype, Docker Scout, Snyk, OSV-Scanner), at info when none of those that do runs on a schedule.",
  limits: "A scanner that the registry or another service runs is not seen.",
  frameworks: { cisDocker: ["4.4"], owaspDocker: ["D02"], nistCsf: ["ID.RA-01"], coverage: ["V1"] },
  exposureMatters: false,

  check(pipeline, system) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("what GitLab runs on a schedule is no matter of its files");
    const [build] = workflow.buildsImages.items;
    if (build === undefined)
      return workflow.buildsImages.complete
        ? notApplicable("it builds no image")
        : cannotTell("whether it builds images", workflow.buildsImages.why);
    const all = workflowsOf(system);
    const scanning = all.filter(({ scans }) => scans.items.length > 0);
    const doubt = all.find(({ scans, triggers }) => !scans.complete || !triggers.complete);
    if (scanning.length === 0) {
      return doubt === undefined
        ? fail("an image is built, and no workflow scans it for known vulnerabilities", { place: build })
        : cannotTell("whether a workflow scans what is built", "another workflow could not be read whole");
    }
    const weekly = scanning.find(({ triggers }) => triggers.items.some(({ name }) => name === "schedule"));
    if (weekly !== undefined) return pass(`${weekly.scans.items[0]?.scanner ?? "a scanner"} runs on a schedule`, build);
    return doubt === undefined
      ? fail("images are scanned when they are built, and not again when new holes become known", {
          place: build,
          severity: "info",
        })
      : cannotTell("whether a scanner runs on a schedule", "another workflow could not be read whole");
  },
});

function workflowsOf(system: System): readonly WorkflowExtension[] {
  return system.all("pipeline").flatMap(({ workflow }) => workflow ?? []);
}
