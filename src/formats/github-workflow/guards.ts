/**
 * What keeps a job or step from running for everybody who brings its event about.
 */
import { inWordsOfGithub } from "./expressions.ts";
import type { Job, Step } from "./model.ts";

const ownRepository =
  /head\.repo\.full_name\s*==\s*github\.repository\b|github\.repository\s*==\s*[\w.]*head\.repo\.full_name|head\.repo\.fork\s*(?:==\s*false|!=\s*true)|!\s*github\.event\.pull_request\.head\.repo\.fork|head_repository\.full_name\s*==\s*github\.repository\b|workflow_run\.event\s*==\s*'(?:push|schedule|workflow_dispatch|release)'|github\.event_name\s*==\s*'(?:push|schedule|workflow_dispatch|release)'|github\.event_name\s*!=\s*'(?:pull_request_target|workflow_run|issue_comment)'/;
const approval =
  /author_association|labels?\b[^|]{0,200}'|\bcontains\s*\([^)]{0,200}labels|github\.(?:actor|triggering_actor)\s*==\s*'[^'[]{1,60}'|github\.event\.(?:comment|issue|pull_request|sender)\.(?:user\.)?login\s*==\s*'[^'[]{1,60}'|\bcontains\s*\(\s*fromjson\([^)]{0,300}\)\s*,\s*github\.(?:actor|triggering_actor)/i;

/** `own`: only for code of the repository itself; `approval`: somebody of the project has to agree first. */
export type Guard = "none" | "own" | "approval";

const strength: readonly Guard[] = ["none", "approval", "own"];

/** What stands before a step: its condition and its job's both have to hold. */
export function guardOf(job: Job, step: Step | undefined): Guard {
  const guards = [
    ofCondition(job.condition),
    ofCondition(step?.condition ?? ""),
    job.environment ? "approval" : "none",
  ] as const;
  return strength[Math.max(...guards.map((guard) => strength.indexOf(guard)))] ?? "none";
}

/**
 * Each side of an `||` has to hold somebody off. Names of bots do not count: the last one to touch a pull request is not
 * whose code it is (docs.zizmor.sh/audits, "bot-conditions").
 */
function ofCondition(condition: string): Guard {
  const sides = inWordsOfGithub(condition.slice(0, 4_000)).split("||");
  const guards = sides.map((side) => (ownRepository.test(side) ? 2 : approval.test(side) ? 1 : 0));
  return strength[Math.min(...guards)] ?? "none";
}
