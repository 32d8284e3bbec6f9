import type { Judgement } from "../../contracts/verdict.ts";
import type { Pipeline } from "../../facts/subjects.ts";
import type { WorkflowExtension } from "../../facts/workflow.ts";
import { notApplicable } from "../judge.ts";

/** What a pipeline says as a workflow; not applicable for pipelines of other kinds. */
export function workflowOf(pipeline: Pipeline): WorkflowExtension | Judgement {
  return pipeline.workflow ?? notApplicable("not a workflow of GitHub Actions, GitLab CI or their like");
}

export function isJudgement(answer: WorkflowExtension | Judgement): answer is Judgement {
  return "verdict" in answer;
}
