/**
 * A tag of an action is moved by whoever holds the action's repository; the next run executes what is there then.
 *
 * Reads:  pipeline.workflow.actions
 * Passes: every action, reusable workflow and image is named by a commit or a digest.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ActionUse } from "../../facts/workflow.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, pass } from "../judge.ts";
import { hijackOf } from "../knowledge/hijacked-actions.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const actionsPinned = defineControl({
  id: "supply-chain.actions-pinned",
  on: "pipeline",
  severity: "medium",
  title: "Actions are pinned by commit",
  claim: "Every action that a workflow calls is named by the commit that was looked at.",
  threat:
    "Whoever takes over an action moves its tags to code of theirs, which then runs with the workflow's token and secrets: in March 2026 that happened to Trivy's.",
  remedy:
    "Name the full commit with the version behind it, `uses: OWNER/ACTION@<40 hex digits> # v1.2.3`, and let Renovate or Dependabot raise both. `pinact run` and `zizmor --fix` do it for a whole repository.",
  judged:
    "Of every `uses` of another repository and `docker://` image. Fails at medium for a tag or branch, at high for actions whose tags were hijacked before, at info, in one finding, for those of GitHub itself (`actions/…`, `github/…`). What follows a branch (a name without a number, `@main`) is told apart from version tags and before them, for it changes with every commit. Local actions pass.",
  limits:
    "What an action calls in turn is not seen, nor whether a commit is on a branch of the repository that is named.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["GV.SC-07", "ID.RA-09"], coverage: ["V1", "V3"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    const { actions } = workflow;
    const loose = actions.items.filter(({ pinnedBy }) => pinnedBy === "name" || pinnedBy === "nothing");
    const own = loose.filter(isOfGithub);
    const judgements: Judgement[] = loose.filter((use) => !isOfGithub(use)).map(judge);
    const [first] = own;
    if (first !== undefined) {
      judgements.push(
        fail(
          `${listed(own.map(({ text }) => text))} ${own.length === 1 ? "is" : "are"} named by a tag that can be moved`,
          {
            place: first.place,
            detail: "actions of GitHub",
            severity: "info",
          },
        ),
      );
    }
    if (!actions.complete)
      judgements.push(cannotTell("whether all actions are pinned", actions.why, { severity: "low" }));
    return judgements.length === 0 ? pass("every action is pinned", actions.place) : judgements;
  },
});

function isOfGithub({ owner, kind }: ActionUse): boolean {
  return kind !== "image" && (owner === "actions" || owner === "github");
}

function judge({ text, repository, pinnedBy, isBranch, place, kind }: ActionUse): Judgement {
  const hijack = hijackOf(repository);
  const how =
    pinnedBy === "nothing"
      ? "names no version"
      : isBranch
        ? "follows a branch, so that every commit there runs here at once"
        : `is named by a ${kind === "image" ? "tag" : "tag or branch"} that can be moved`;
  return fail(hijack === undefined ? `${text} ${how}` : `${text} ${how}, as it was once (${hijack})`, {
    place,
    detail: repository,
    ...(isBranch || pinnedBy === "nothing" ? { apart: "branch" } : {}),
    ...(hijack === undefined ? {} : { severity: "high" }),
  });
}
