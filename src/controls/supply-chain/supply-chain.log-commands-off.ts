/**
 * A log is written by whatever runs; where it sets variables, so does everybody whose text is logged.
 *
 * Reads:  pipeline.workflow.logCommands
 * Passes: no workflow has the runner take `::set-env` and `::add-path` from its log.
 */
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const logCommandsOff = defineControl({
  id: "supply-chain.log-commands-off",
  on: "pipeline",
  severity: "medium",
  title: "What is logged sets no variables",
  claim: "No workflow lets the runner take variables and paths from its log.",
  threat:
    "A title, a file name or a test's output with `::set-env name=BASH_ENV::…` in it gets into the log, and the next step runs a stranger's program with the workflow's token and secrets.",
  remedy:
    'Remove `ACTIONS_ALLOW_UNSECURE_COMMANDS`. Write to the files that replaced both commands: `echo "NAME=value" >> "$GITHUB_ENV"` and `echo "/path" >> "$GITHUB_PATH"`, and use versions of actions that do (all since 2020).',
  judged:
    "Fails where `ACTIONS_ALLOW_UNSECURE_COMMANDS` is true in the environment of a workflow, a job or a step, or is set so by a script. Unknown where an expression gives the value.",
  limits: "What the file `.env` of a runner of your own says is not seen.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["PR.PS-06"], coverage: ["P6"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Steps that write `::set-env` or `::add-path` to the log fail; they have to write to `$GITHUB_ENV`.",
    onlyNamed: true,
    edits: (_pipeline, _system, judgement) =>
      judgement.detail === "environment" ? wordAt(judgement, "true", "false") : undefined,
  },

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("GitLab takes no commands from logs");
    return forbidAny(
      workflow.logCommands,
      ({ by, place }) =>
        fail("`ACTIONS_ALLOW_UNSECURE_COMMANDS` has the runner take variables and paths from the log", {
          place,
          detail: by,
        }),
      { what: "what the environment says", none: "no variable is taken from the log" },
    );
  },
});
