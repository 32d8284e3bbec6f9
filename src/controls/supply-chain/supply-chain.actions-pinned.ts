/**
 * A tag of an action is moved by whoever holds the action's repository; the next run executes what is there then.
 *
 * Reads:  pipeline.workflow.actions
 * Passes: every action, reusable workflow and image is named by a commit or a digest.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ActionUse, WorkflowExtension } from "../../facts/workflow.ts";
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
    "Of every `uses` of another repository and `docker://` image. Fails at medium for a tag or branch, at high for actions whose tags were hijacked before, at info, in one finding, for those of GitHub itself (`actions/…`, `github/…`). What follows a branch (a name without a number, `@main`) is told apart from version tags and before them, for it changes with every commit. Of GitLab CI for what `include` takes: at medium for a `remote` without `integrity` and a `component` without a commit, at low for a `project` without one. Local actions and files and GitLab's own templates pass.",
  limits:
    "What an action calls in turn is not seen, nor whether a commit is on a branch of the repository that is named.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["GV.SC-07", "ID.RA-09"], coverage: ["V1", "V3"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    const { actions, host } = workflow;
    const loose = actions.items.filter(({ pinnedBy }) => pinnedBy === "name" || pinnedBy === "nothing");
    const own = loose.filter(isOfGithub);
    const judgements: Judgement[] = loose.filter((use) => !isOfGithub(use)).map((use) => judge(use, host));
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

interface IncludeWords {
  /** What it means that no version is named. */
  readonly unpinned: string;
  readonly extras: Pick<Judgement, "remedy" | "severity">;
}

/** What GitLab CI takes from elsewhere. Another project of the same server is most often one's own. */
const includes: Partial<Record<ActionUse["kind"], IncludeWords>> = {
  "project include": {
    unpinned: "follows that project's default branch, so that every commit there runs here at once",
    extras: {
      remedy: "Name the full commit under `ref:`, with the version behind it, and let Renovate raise both.",
      severity: "low",
    },
  },
  "remote include": {
    unpinned: "is taken as it is that day, and nothing verifies it",
    extras: {
      remedy:
        "Give the file's checksum, `integrity: sha256-…` (GitLab 17.9 and later), or keep a copy in the repository.",
    },
  },
  component: {
    unpinned: "names no version",
    extras: { remedy: "Name the full commit behind the `@`, with the version in a comment." },
  },
};

function isOfGithub({ owner, kind }: ActionUse): boolean {
  return (kind === "action" || kind === "workflow") && (owner === "actions" || owner === "github");
}

function judge(use: ActionUse, host: WorkflowExtension["host"]): Judgement {
  const { text, repository, pinnedBy, isBranch, place, kind } = use;
  const ofGitlab = includes[kind];
  const hijack = hijackOf(repository);
  const named = kind === "remote include" ? `the file ${text}` : text;
  const what = `${named} ${looseness(use)}`;
  return fail(hijack === undefined ? what : `${what}, as it was once (${hijack})`, {
    place,
    detail: repository,
    ...(isBranch || pinnedBy === "nothing" ? { apart: "branch" } : {}),
    ...(hijack === undefined ? {} : { severity: "high" }),
    ...(ofGitlab === undefined ? {} : ofGitlab.extras),
    ...(host === "gitlab" ? { apart: kind } : {}),
  });
}

function looseness({ pinnedBy, isBranch, kind }: ActionUse): string {
  if (pinnedBy === "nothing") return includes[kind]?.unpinned ?? "names no version";
  if (isBranch && kind === "component") return "takes what is released next as soon as it is there";
  if (isBranch) return "follows a branch, so that every commit there runs here at once";
  return `is named by a ${kind === "image" ? "tag" : "tag or branch"} that can be moved`;
}
