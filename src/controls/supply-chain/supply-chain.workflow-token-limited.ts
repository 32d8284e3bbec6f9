/**
 * A token that may write everything turns each action, and each dependency that is built, into a maintainer.
 *
 * Reads:  pipeline.workflow.tokens, pipeline.workflow.sharedToken
 * Passes: every job's token is stated, and writes only what the job writes.
 */

import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { WorkflowExtension } from "../../facts/workflow.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { linesAt, valueAt } from "../fix.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const workflowTokenLimited = defineControl({
  id: "supply-chain.workflow-token-limited",
  on: "pipeline",
  severity: "low",
  title: "The token of a workflow may do what its jobs need",
  claim: "Every job's token is limited to what the job needs.",
  threat:
    "A hijacked action or dependency that runs in the job pushes code, releases and packages with the workflow's own token.",
  remedy:
    "Write `permissions: { contents: read }` at the top, and what a job writes beside that job (`permissions: { packages: write }`).",
  judged:
    "Fails at medium for `write-all`; at low where nothing is stated, for then the repository's setting decides, which is everything in repositories from before February 2023; and at low where the workflow gives every one of several jobs a right to write. Not applicable to reusable workflows, whose caller decides, and to Forgejo and Gitea, which know no permissions.",
  frameworks: { nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["P6"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The token only reads the repository: a job that pushes, comments, releases or publishes needs `permissions:` of its own.",
    onlyNamed: true,
    edits(pipeline, _system, judgement) {
      const workflow = workflowOf(pipeline);
      if (isJudgement(workflow)) return undefined;
      if (judgement.detail === "write-all ")
        return valueAt(judgement.place, /(["']?write-all["']?)/, "{ contents: read }");
      const nobody = workflow.tokens.items.every(({ own }) => !own);
      return judgement.detail === "unstated" && nobody
        ? linesAt(judgement.place, "before", "permissions:", "  contents: read", "")
        : undefined;
    },
  },

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    if (workflow.kind !== "workflow") return notApplicable("the workflow that calls it decides");
    if (workflow.host === "gitlab") return notApplicable("its token's rights are set in GitLab itself");
    if (workflow.host !== "github") return notApplicable("its server knows no permissions");
    if (workflow.triggers.complete && workflow.triggers.items.every(({ name }) => name === "workflow_call"))
      return notApplicable("the workflow that calls it decides");
    const judgements = [...everything(workflow), ...unstated(workflow), ...shared(workflow), ...unresolved(workflow)];
    return judgements.length === 0 ? pass("every token is limited", workflow.tokens.place) : judgements;
  },
});

function everything({ tokens }: WorkflowExtension): readonly Judgement[] {
  const places = new Set<unknown>();
  return tokens.items.flatMap(({ permissions, job, own }) => {
    if (knownValue(permissions)?.writes !== "everything" || places.has(permissions.place)) return [];
    places.add(permissions.place);
    const whose = own ? `the token of ${job}` : "the token";
    return [
      fail(`${whose} may write everything`, {
        place: permissions.place,
        detail: `write-all ${own ? job : ""}`,
        severity: "medium",
      }),
    ];
  });
}

function unstated({ tokens }: WorkflowExtension): readonly Judgement[] {
  const open = tokens.items.filter(({ permissions }) => permissions.kind === "unstated");
  const [first] = open;
  if (first === undefined) return [];
  const jobs = open.length === tokens.items.length ? "no job" : `the job ${listed(open.map(({ job }) => job))}`;
  const message =
    open.length === tokens.items.length
      ? `${jobs} states what its token may do, and the repository's setting decides`
      : `${jobs} does not state what its token may do, and the repository's setting decides`;
  return [fail(message, { place: first.permissions.place, detail: "unstated" })];
}

/** A right to write that every job gets, though one would do. */
function shared({ tokens, sharedToken }: WorkflowExtension): readonly Judgement[] {
  const writes = knownValue(sharedToken)?.writes;
  if (writes === undefined || writes === "everything" || writes.length === 0) return [];
  const jobs = tokens.items.filter(({ own }) => !own);
  if (jobs.length < 2) return [];
  return [
    fail(`each of ${jobs.length} jobs may write ${listed(writes)}`, { place: sharedToken.place, detail: "shared" }),
  ];
}

function unresolved({ tokens, sharedToken }: WorkflowExtension): readonly Judgement[] {
  const hidden = [...tokens.items.map(({ permissions }) => permissions), sharedToken].find(
    ({ kind }) => kind === "unknown",
  );
  const why = hidden?.kind === "unknown" ? hidden.why : tokens.complete ? undefined : tokens.why;
  return why === undefined ? [] : [cannotTell("what the token may do", why)];
}
