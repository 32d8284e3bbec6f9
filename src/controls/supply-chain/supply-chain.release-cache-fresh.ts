/**
 * A cache is filled by any run of the default branch; a release that takes things out of it releases those.
 *
 * Reads:  pipeline.workflow.caches, pipeline.workflow.publishes, pipeline.workflow.triggers
 * Passes: a workflow that publishes on a release or tag restores no cache.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const releaseCacheFresh = defineControl({
  id: "supply-chain.release-cache-fresh",
  on: "pipeline",
  severity: "low",
  title: "Releases are built without a shared cache",
  claim: "What is released is built without taking anything out of a cache that other workflows fill.",
  threat:
    "Whoever gets one weaker workflow to run their code puts a changed dependency into the cache, and the next release ships it.",
  remedy:
    "Leave the cache out of the workflow that publishes: remove `cache:`, `actions/cache` and `cache-from` there.",
  judged:
    "Fails where a workflow that is started by a release or a tag publishes something and restores a cache. Not applicable to others.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["PR.PS-06"], coverage: ["V4"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("what starts it is set in GitLab itself");
    const { triggers, publishes, caches } = workflow;
    const releases = triggers.items.some(({ name, tags }) => name === "release" || (name === "push" && tags));
    if ((!releases && triggers.complete) || (publishes.items.length === 0 && publishes.complete))
      return notApplicable("it publishes no release");
    return forbidAny(
      caches,
      ({ what, place }) => fail(`what is released is built with a cache (${what})`, { place, detail: what }),
      { what: "the list of steps", none: "no cache is restored" },
    );
  },
});
