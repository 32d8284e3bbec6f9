/**
 * A key that does not end is worth stealing; one that lives as long as the job is not.
 *
 * Reads:  pipeline.workflow.secrets
 * Passes: services that take the workflow's own identity are given no key.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const pipelineKeysShortLived = defineControl({
  id: "secrets.pipeline-keys-short-lived",
  on: "pipeline",
  severity: "low",
  title: "Workflows sign in with their own identity instead of a key",
  claim: "No workflow holds a key that does not end where the service takes the workflow's own identity.",
  threat: "A key that leaks from one run publishes packages, or commands a cloud, until somebody replaces it.",
  remedy:
    "Set up trusted publishing (npm, PyPI, RubyGems, crates.io) or OpenID Connect (AWS, Google Cloud, Azure) for this repository and workflow, give the job `permissions: { id-token: write }`, and delete the key.",
  judged:
    "Fails for keys given to the sign-in of AWS, Google Cloud and Azure, and to publications at npm, PyPI, RubyGems and crates.io.",
  limits: "A registry that only looks like one of them, and takes no such identity, is an exception to record.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-01", "PR.AA-04"], zeroTrust: ["3", "6"], coverage: ["S10"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("its variables are set in GitLab itself");
    if (workflow.host !== "github") return notApplicable("its server gives workflows no identity that others take");
    return forbidAny(
      workflow.secrets,
      ({ kind, name, what, place }) => (kind === "long-lived" ? fail(what, { place, detail: name }) : undefined),
      { what: "the list of steps", none: "no key that does not end is used" },
    );
  },
});
