/**
 * A workflow that has the repository's rights and runs somebody else's code gives them the rights.
 *
 * Reads:  pipeline.workflow.foreignCode, pipeline.workflow.startedBy, pipeline.workflow.triggers (of the others)
 * Passes: no such workflow fetches the code of a pull request.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Pipeline } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import type { ForeignCode, WorkflowExtension } from "../../facts/workflow.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const foreignCodeUnprivileged = defineControl({
  id: "supply-chain.foreign-code-unprivileged",
  on: "pipeline",
  severity: "critical",
  title: "Code of strangers runs without the repository's rights",
  claim: "No workflow with the repository's token or secrets runs the code of somebody else's pull request.",
  threat:
    "Anybody with an account opens a pull request whose build script sends the secrets away and pushes to the repository with its own token.",
  remedy:
    "Build pull requests under `on: pull_request`, which has no secrets and a token that reads. What needs rights (a comment, a label) goes into a second workflow that takes the first one's result as data and checks nothing out.",
  judged:
    "For `pull_request_target`, `workflow_run` and `issue_comment`, where the head of the pull request is checked out: critical when a later step of the job runs something of it and has secrets, a token that writes or a runner of your own; high where the repository's setting decides what the token may do; medium where the job has nothing but a token that reads (it can still fill the caches of the main branch), where later steps only print, and where somebody of the project has to agree first (label, author, environment). The same for an artifact of the run before, where a later step executes a file of it, or writes its content to `$GITHUB_ENV` or `$GITHUB_PATH`; medium for `$GITHUB_OUTPUT`. `workflow_run` is high at most. Conditions that leave code of the repository's own pass, and `workflow_run` after workflows of this repository that no pull request starts.",
  limits:
    "Of artifacts those are followed that `actions/download-artifact`, `dawidd6/action-download-artifact` and `gh run download` fetch by the id of the run before; not those that a script of JavaScript unpacks, nor what a build tool finds in the workspace.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["PR.PS-06", "PR.AA-05"], zeroTrust: ["3"], coverage: ["P6"] },
  exposureMatters: false,

  check(pipeline, system) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("GitLab runs the pipeline of a fork in the fork");
    return forbidAny(workflow.foreignCode, (code) => judge(code, workflow, pipeline, system), {
      what: "the list of jobs",
      none: "it runs no code of strangers with rights",
    });
  },
});

function judge(
  code: ForeignCode,
  workflow: WorkflowExtension,
  pipeline: Pipeline,
  system: System,
): Judgement | undefined {
  if (code.trigger === "workflow_run" && followsOnlyOwnCode(workflow, pipeline, system)) return undefined;
  const use = code.runs ? "later steps run it" : code.sets && `its content sets ${words[code.sets]}`;
  const then = use === undefined ? "" : `, and ${use}${powersText(code)}`;
  const agreed =
    code.guard === "approval" ? "; somebody has to agree first, and may not see what is changed after that" : "";
  return fail(`under \`${code.trigger}\` ${code.what}${then}${agreed}`, {
    place: code.place,
    detail: code.by === "artifact" ? `${code.trigger} artifact` : code.trigger,
    severity: severityOf(code),
    ...(code.by === "artifact" && { remedy: ofArtifacts }),
  });
}

const words = { variables: "variables of later steps", outputs: "outputs of a step" } as const;

const ofArtifacts =
  "Take the artifact as data: unpack it into a folder of its own (`path: ${{ runner.temp }}/pr`), run nothing that lies there, and let only what has the expected form through: `grep -E '^[0-9]+$'` before it reaches `$GITHUB_ENV` or `$GITHUB_OUTPUT`.";

function powersText({ powers, tokenUnstated }: ForeignCode): string {
  const token = tokenUnstated ? ["a token whose rights the repository's setting decides"] : [];
  const all = [...powers, ...token];
  return all.length === 0 ? " with a token that reads" : ` with ${listed(all)}`;
}

function severityOf({ runs, sets, guard, trigger, powers, tokenUnstated }: ForeignCode): Severity {
  if ((!runs && sets !== "variables") || guard === "approval" || (powers.length === 0 && !tokenUnstated))
    return "medium";
  // A branch's name is chosen by whoever forks; a workflow_run after a push is the ordinary case all the same.
  if (guard === "branches") return "medium";
  return trigger === "workflow_run" || powers.length === 0 ? "high" : "critical";
}

const pipelinesByName = oncePerSystem((system) =>
  Map.groupBy(system.all("pipeline"), ({ workflow }) => workflow?.name),
);

/** Whether all workflows that it follows are in this repository and none of them is started by a pull request. */
function followsOnlyOwnCode({ startedBy }: WorkflowExtension, pipeline: Pipeline, system: System): boolean {
  return (
    startedBy.length > 0 &&
    startedBy.every((name) => {
      const found = (pipelinesByName(system).get(name) ?? []).filter((other) => other !== pipeline);
      return (
        found.length > 0 &&
        found.every(
          ({ workflow }) =>
            workflow?.triggers.complete === true &&
            !workflow.triggers.items.some((trigger) => trigger.name.startsWith("pull_request")),
        )
      );
    })
  );
}
