/**
 * `${{ … }}` in a script is put in before the shell reads it: a title with a quote in it becomes a command.
 *
 * Reads:  pipeline.workflow.injections
 * Passes: no script holds a text that others write.
 */
import type { Edit } from "../../contracts/fix.ts";
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { Injection, InjectionRewrite } from "../../facts/workflow.ts";
import type { Place } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const scriptInjectionAbsent = defineControl({
  id: "supply-chain.script-injection-absent",
  on: "pipeline",
  severity: "high",
  title: "Texts of others are no part of a script",
  claim: "No workflow puts a text that others write into a script.",
  threat:
    "Whoever opens an issue or a pull request with the title `\"; curl … | sh; #` runs commands with the workflow's token and secrets.",
  remedy:
    'Give it to the script as a variable: `env: { TITLE: "${{ github.event.issue.title }}" }`, and write `"$TITLE"` in the script.',
  judged:
    "Of `run` and of the script inputs of known actions, for the contexts that GitHub names as untrusted, also by way of `${{ env.… }}` and `toJSON(github.event)`; and of variables with such a text that `eval`, `sh -c`, `| sh` and the like read again, or that are written to `$GITHUB_ENV` or `$GITHUB_PATH` so that they may set any variable. High where anybody can start it with the repository's rights, medium for commit messages and where somebody has to agree first, low under `pull_request`, where the author of a fork could change the script itself. Of GitLab CI for texts of commits, branches and merge requests that `eval`, `sh -c`, `ssh` and the like read again, for GitLab hands them over as variables, which a script may print; at medium for those of a commit, at low for the others.",
  limits:
    "Outputs of steps and inputs of reusable workflows are not followed, nor are texts that a script puts into a file or a variable of its own first.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["PR.PS-06"], coverage: ["P6"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The script reads the text from a variable of its own: where it was several words or a pattern for the shell, it is one word now.",
    edits(pipeline, _system, { place }) {
      const workflow = workflowOf(pipeline);
      if (isJudgement(workflow) || workflow.host === "gitlab" || place === undefined) return undefined;
      const rewrite = workflow.injections.items.find((each) => each.place === place)?.rewrite;
      return rewrite && rewritten(rewrite, place);
    },
  },

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    return forbidAny(workflow.injections, workflow.host === "gitlab" ? judgeVariable : judgeOne, {
      what: "the list of scripts",
      none: "no script holds a text of others",
    });
  },
});

function judgeOne(injection: Injection): Judgement {
  if (injection.readAgainAs === "program") return judgeVariable(injection);
  return injection.readAgainAs === "variables" ? judgeSetting(injection) : judge(injection);
}

/** What is written to `$GITHUB_ENV` sets variables line by line, such as `LD_PRELOAD` and `BASH_ENV`. */
function judgeSetting({ context, by, guarded, place }: Injection): Judgement {
  return fail(`the script sets variables of later steps from ${context}, ${writer[by]}`, {
    place,
    detail: `${context} in the environment`,
    severity: severityOf(by, guarded),
    remedy:
      "Hand the text to the steps that need it by their own `env`; what is written to `$GITHUB_ENV` and `$GITHUB_PATH` is read line by line, so that a line break in the text sets any variable.",
  });
}

function judge({ context, by, guarded, place }: Injection): Judgement {
  return fail(`the script holds ${context}, ${writer[by]}`, {
    place,
    detail: context,
    severity: severityOf(by, guarded),
  });
}

/** A variable is a text to the shell, as all of GitLab's are: it must only not be read twice. */
function judgeVariable({ context, by, guarded, place }: Injection): Judgement {
  return fail(`the script has the shell read ${context} a second time, ${writer[by]}`, {
    place,
    detail: context,
    severity: severityOf(by, guarded),
    remedy: `Use the variable where no second shell reads it: \`printf '%s\\n' "${context}"\` instead of \`eval\` and \`sh -c "…"\`; for the latter in single quotes, so that the inner shell puts it in.`,
  });
}

const writer: Readonly<Record<Injection["by"], string>> = {
  anybody: "which anybody can write",
  fork: "which whoever opens a pull or merge request writes",
  contributor: "which the author of a commit writes",
};

function severityOf(by: Injection["by"], guarded: boolean): Severity {
  if (by === "fork") return "low";
  return by === "contributor" || guarded ? "medium" : "high";
}

/** The variable in the script, and where the step has none yet, its value in the step's environment. */
function rewritten({ expression, reading, variable, step }: InjectionRewrite, at: Place): readonly [Edit, ...Edit[]] {
  const pattern = new RegExp(`(${expression.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")})`);
  const value = { kind: "value", at, pattern, value: reading } as const;
  if (variable === undefined) return [value];
  const change = { kind: "set", value: variable.value } as const;
  return [value, { kind: "document", at: step, of: "node", path: ["env", variable.name], change }];
}
