/**
 * Where a workflow fetches the code of somebody else's pull request while it has the repository's own rights.
 *
 * Source: securitylab.github.com/resources/github-actions-preventing-pwn-requests.
 */
import type { ForeignCode, Trigger, WorkflowExtension } from "../../facts/workflow.ts";
import { child } from "../tree.ts";
import { inWordsOfGithub } from "./expressions.ts";
import { guardOf } from "./guards.ts";
import { onlyTells } from "./harmless-scripts.ts";
import { actionOf, type Job, type Step, text, type Workflow } from "./model.ts";
import { powersOf } from "./powers.ts";

const pullRequestHead =
  /github\.event\.pull_request\.(?:head\.(?:sha|ref)|merge_commit_sha)|github\.head_ref|refs\/pull\/|github\.event\.pull_request\.head\.repo\.(?:full_name|clone_url)|github\.event\.issue\.number|github\.event\.number/i;
const runHead = /github\.event\.workflow_run\.(?:head_sha|head_branch|head_repository|head_commit\.id|pull_requests)/i;
const checkoutByCommand =
  /\bgh\s+pr\s+checkout\b|\bgit\s+fetch\b[^\n]{0,200}\b(?:refs\/)?pull\/|\bgit\s+(?:checkout|switch|merge)\b[^\n]{0,200}(?:head\.(?:sha|ref)|head_ref)/;

/** Every checkout of foreign code, for the events by which outsiders start it with the repository's rights. */
export function foreignCode(
  workflow: Workflow,
  triggers: readonly Trigger[],
  host: WorkflowExtension["host"],
): readonly ForeignCode[] {
  const dangerous = triggers.filter(({ name }) => reach.has(name));
  if (dangerous.length === 0) return [];
  return workflow.jobs.flatMap((job) => {
    const lastRun = job.steps.findLastIndex(runsSomething);
    let powers: ReturnType<typeof powersOf> | undefined;
    return job.steps.flatMap((step, index) => {
      const found = dangerous.find(({ name }) => fetchesForeign(step, name));
      const guard = guardOf(job, step);
      if (found === undefined || guard === "own" || notFor(job, step, found.name)) return [];
      powers ??= powersOf(workflow, job, host);
      return [
        {
          by: "checkout",
          what: "the code of somebody else's pull request is checked out",
          trigger: found.name,
          runs: index < lastRun,
          ...powers,
          guard: guard === "approval" ? guard : found.name === "workflow_run" && found.branches ? "branches" : "none",
          place: step.place,
        } satisfies ForeignCode,
      ];
    });
  });
}

const reach: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    pull_request_target: pullRequestHead,
    issue_comment: pullRequestHead,
    workflow_run: runHead,
  }),
);

function fetchesForeign(step: Step, trigger: string): boolean {
  const pattern = reach.get(trigger);
  if (pattern === undefined) return false;
  const action = actionOf(step.uses);
  if (/(?:^|\/)checkout@/.test(action)) {
    const ref = `${text(child(step.with, "ref")) ?? ""} ${text(child(step.with, "repository")) ?? ""}`;
    return pattern.test(inWordsOfGithub(ref.slice(0, 2_000)));
  }
  const script = inWordsOfGithub(text(step.run)?.slice(0, 20_000) ?? "");
  return checkoutByCommand.test(script) && (trigger !== "workflow_run" || runHead.test(script));
}

/** Whether its condition names another event only. */
function notFor(job: Job, step: Step, trigger: string): boolean {
  const condition = inWordsOfGithub(`${job.condition} && ${step.condition}`.slice(0, 4_000));
  const named = [...condition.matchAll(/github\.event_name\s*==\s*'([a-z_]+)'/g)].map(([, name]) => name);
  return named.length > 0 && !condition.includes("||") && !named.includes(trigger);
}

/** A script, an action of the checked out code, or one that builds what it finds. */
function runsSomething({ run, uses, node }: Step): boolean {
  if (run !== undefined) return child(node, "shell") !== undefined || !onlyTells(String(run.value));
  const action = actionOf(uses);
  return (
    action.startsWith("./") ||
    /^(?:docker\/build-push-action|gradle\/|golangci\/|actions\/setup-python|pre-commit\/)/.test(action)
  );
}
