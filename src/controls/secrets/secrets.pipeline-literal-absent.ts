/**
 * A secret that is written into a workflow is in every clone and fork of the repository.
 *
 * Reads:  pipeline.workflow.secrets, pipeline.workflow.commands
 * Passes: no secret is written out in a workflow.
 */
import { defineControl } from "../define.ts";
import { all, fail, forbidAny } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

const keptByGitlab =
  "Take it out, replace it, for it is no longer one, and keep the new one among the project's CI/CD variables, masked and protected.";

export const pipelineLiteralAbsent = defineControl({
  id: "secrets.pipeline-literal-absent",
  on: "pipeline",
  severity: "high",
  title: "No secret is written into a workflow",
  claim: "No secret value stands in any workflow.",
  threat: "Whoever reads the repository has the secret, and Git keeps it after it is removed.",
  remedy:
    "Take it out, replace it, for it is no longer one, and keep the new one in the repository's secrets: `${{ secrets.NAME }}`.",
  judged:
    "Fails for texts in the looks of an issuer's tokens, addresses with a password, values of options and variables of a script whose name says secret, and a registry's password under `container`. Passwords of databases that live as long as a test do not count.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-01", "PR.DS-01"], coverage: ["S1"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    const elsewhere = workflow.host === "gitlab" ? { remedy: keptByGitlab } : {};
    return all(
      forbidAny(
        workflow.secrets,
        ({ kind, name, what, place }) =>
          kind === "literal" ? fail(what, { place, detail: name, ...elsewhere }) : undefined,
        { what: "the list of steps", none: "no secret is written out" },
      ),
      forbidAny(
        workflow.commands,
        ({ kind, what, place }) =>
          kind === "secret" ? fail(what, { place, detail: what, severity: "medium", ...elsewhere }) : undefined,
        { what: "the list of scripts", none: "no script holds a secret" },
      ),
    );
  },
});
