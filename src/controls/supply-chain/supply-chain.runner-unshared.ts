/**
 * A runner of one's own keeps what a stranger's pull request leaves on it, and stands in one's own network.
 *
 * Reads:  pipeline.workflow.runners, pipeline.workflow.triggers
 * Passes: no pull request starts a job on a runner of one's own.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable, pass } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const runnerUnshared = defineControl({
  id: "supply-chain.runner-unshared",
  on: "pipeline",
  severity: "medium",
  title: "Pull requests do not run on runners of one's own",
  claim: "No pull request starts a job on a runner in one's own network.",
  threat:
    "Anybody who may open a pull request runs commands on a machine at home, next to everything that it can reach, and what they leave there waits for the next job.",
  remedy:
    "Run pull requests on GitHub's own runners and keep the others for `push` and `workflow_dispatch`; or require approval for every outside contributor and let each job have a fresh machine (`--ephemeral`).",
  judged:
    "Fails for `runs-on: self-hosted` in a workflow that a pull request starts. In a private repository nobody outside can open one: there it is an exception to record.",
  limits: "Labels of one's own without `self-hosted` are not recognised.",
  frameworks: { nistCsf: ["PR.IR-01"], zeroTrust: ["3"], coverage: ["P6"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("its runners are set in GitLab itself");
    if (workflow.host !== "github") return notApplicable("all runners of its server are one's own");
    const { triggers, runners } = workflow;
    const byPullRequest = triggers.items.find(({ name }) => name.startsWith("pull_request"));
    if (byPullRequest === undefined && !triggers.complete) return cannotTell("what starts it", triggers.why);
    if (byPullRequest === undefined) return pass("no pull request starts it", triggers.place);
    return forbidAny(
      runners,
      ({ job, selfHosted, place }) =>
        selfHosted
          ? fail(`the job ${job} runs on a runner of one's own, and \`${byPullRequest.name}\` starts it`, {
              place,
              detail: job,
            })
          : undefined,
      { what: "the list of jobs", none: "no job runs on a runner of one's own" },
    );
  },
});
