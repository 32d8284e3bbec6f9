/**
 * `.gitlab-ci.yml` as jobs with their scripts, each where it stands. Hidden jobs (`.name`) are jobs like the others: they
 * are written to be extended.
 *
 * Source: docs.gitlab.com/ci/yaml (GitLab 18), keywords `default`, `include`, `script`, `before_script`, `after_script`,
 * `hooks`, `image`, `services`, `variables`.
 */
import type { Place } from "../../lib/place.ts";
import { child, type MappingNode, type ScalarNode, type TreeNode } from "../tree.ts";

export interface GitlabPipeline {
  readonly root: MappingNode;
  /** Jobs, and what is written for all of them under the name `default`. */
  readonly jobs: readonly GitlabJob[];
  readonly variables: TreeNode | undefined;
  /** Why parts may be missing. */
  readonly doubt: string | undefined;
}

export interface GitlabJob {
  readonly name: string;
  readonly node: MappingNode;
  readonly place: Place;
  readonly scripts: readonly ScalarNode[];
}

/** Keys of the top that are no job. */
const notJobs = new Set(["after_script", "before_script", "cache", "default", "image", "include", "services", "spec"]);
const neither = new Set(["stages", "types", "variables", "workflow"]);
/** What a job has at least one of. */
const jobKeys = [
  "script",
  "run",
  "trigger",
  "extends",
  "image",
  "services",
  "before_script",
  "after_script",
  "variables",
];

/** The documents as one pipeline (a component has a head of its own before it); undefined for what is none. */
export function gitlabPipelineOf(documents: readonly TreeNode[]): GitlabPipeline | undefined {
  const root = documents.at(-1);
  if (root?.kind !== "mapping") return undefined;
  const own = [...root.entries.values()].flatMap(({ key, keyPlace, value }): GitlabJob[] =>
    !notJobs.has(key) &&
    !neither.has(key) &&
    value.kind === "mapping" &&
    jobKeys.some((each) => value.entries.has(each))
      ? [jobOf(key, keyPlace, value)]
      : [],
  );
  const shared = child(root, "default");
  const defaults = [root, ...(shared?.kind === "mapping" ? [shared] : [])].map((node) =>
    jobOf("default", node.place, node),
  );
  const isOne = own.length > 0 || root.entries.has("include") || root.entries.has("stages");
  if (!isOne) return undefined;
  return { root, jobs: [...defaults, ...own], variables: child(root, "variables"), doubt: root.incomplete };
}

function jobOf(name: string, place: Place, node: MappingNode): GitlabJob {
  const scripts = ["before_script", "script", "after_script"].flatMap((key) => scalarsIn(child(node, key)));
  const hooks = scalarsIn(child(child(node, "hooks"), "pre_get_sources_script"));
  return { name, node, place, scripts: [...hooks, ...scripts] };
}

/** The commands of a script; lists may stand in lists. What `!reference` names stands in another job. */
function scalarsIn(node: TreeNode | undefined): readonly ScalarNode[] {
  if (node?.kind === "scalar") return node.value === null ? [] : [node];
  if (node?.kind !== "sequence" || node.tag === "!reference") return [];
  return node.items.flatMap(scalarsIn);
}

export function text(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? String(node.value) : undefined;
}

/** The members of a list, or the one that stands in place of it. */
export function members(node: TreeNode | undefined): readonly TreeNode[] {
  if (node === undefined) return [];
  return node.kind === "sequence" ? node.items : [node];
}
