import type { Trigger } from "../../facts/workflow.ts";
import { child, type MappingNode } from "../tree.ts";
import { names, type Workflow } from "./model.ts";

/** The events under `on`, as a text, a list or a mapping. */
export function triggersOf({ root, kind }: Workflow): readonly Trigger[] {
  const on = kind === "workflow" ? child(root, "on") : undefined;
  if (on === undefined) return [];
  if (on.kind !== "mapping") {
    return names(on).map((name) => ({ name, tags: false, branches: false, place: on.place }));
  }
  return [...on.entries.values()].map(({ key, keyPlace, value }) => ({
    name: key,
    tags: child(value, "tags") !== undefined,
    branches: child(value, "branches") !== undefined,
    place: keyPlace,
  }));
}

/** Names of the workflows whose end starts this one. */
export function startedBy(root: MappingNode): readonly string[] {
  return names(child(child(child(root, "on"), "workflow_run"), "workflows"));
}

/**
 * Events that run with the repository's own token and secrets although somebody outside brings them about.
 *
 * Source: securitylab.github.com/resources/github-actions-preventing-pwn-requests.
 */
export const privilegedByOutsiders: ReadonlySet<string> = new Set([
  "pull_request_target",
  "workflow_run",
  "issue_comment",
  "issues",
  "discussion",
  "discussion_comment",
  "gollum",
  "fork",
  "watch",
]);

/** Events of pull requests that run with a token that reads and without secrets, when they come from a fork. */
export const unprivilegedFromForks: ReadonlySet<string> = new Set([
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
]);
