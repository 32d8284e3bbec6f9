/**
 * A secret that every step gets is as safe as the least of them.
 *
 * Reads:  pipeline.workflow.secrets
 * Passes: secrets go to the steps that need them, one by one, and nowhere else.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { SecretUse, SecretUseKind } from "../../facts/workflow.ts";
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const pipelineScoped = defineControl({
  id: "secrets.pipeline-scoped",
  on: "pipeline",
  severity: "medium",
  title: "Workflows give secrets only to the steps that need them",
  claim: "No workflow hands secrets to steps, workflows or places that do not need them.",
  threat:
    "A hijacked action or dependency in any step reads what that step was given, and whoever may download an artifact or a log reads what is in it.",
  remedy: "Give each secret by its name in the `env` or `with` of the step that uses it.",
  judged:
    "Fails at high for `toJSON(secrets)`, at medium for an artifact that holds the checkout's token, at low for `secrets: inherit` to another repository, for secrets in the workflow's own `env`, and for `echo` of one.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-05", "PR.DS-10"], zeroTrust: ["3"], coverage: ["S9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Git in later steps of the job has no token: a step that pushes has to be given one.",
    edits(pipeline, _system, { place }) {
      const workflow = workflowOf(pipeline);
      if (isJudgement(workflow)) return undefined;
      const at = workflow.secrets.items.find((use) => use.kind === "token-in-artifact" && use.place === place)?.keeper;
      const change = { kind: "set", value: false } as const;
      return at && [{ kind: "document", at, of: "node", path: ["with", "persist-credentials"], change }];
    },
  },

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.host === "gitlab") return notApplicable("which job gets a variable is set in GitLab itself");
    return forbidAny(workflow.secrets, judge, {
      what: "the list of steps",
      none: "each secret goes where it is needed",
    });
  },
});

const cases: Partial<Record<SecretUseKind, { readonly severity: Severity; readonly remedy?: string }>> = {
  whole: { severity: "high" },
  "token-in-artifact": {
    severity: "medium",
    remedy:
      "Add `with: { persist-credentials: false }` to the checkout, and upload the folder that is needed instead of `.`.",
  },
  inherited: { severity: "low", remedy: "Name what the workflow needs: `secrets: { TOKEN: ${{ secrets.TOKEN }} }`." },
  "workflow-wide": { severity: "low" },
  printed: {
    severity: "low",
    remedy: "Remove the `echo`: what GitHub masks is masked only as it is, not when it is split or encoded.",
  },
};

function judge({ kind, name, what, place }: SecretUse): Judgement | undefined {
  const found = cases[kind];
  return found === undefined ? undefined : fail(what, { place, detail: `${kind} ${name}`, ...found });
}
