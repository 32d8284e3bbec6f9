/**
 * A workflow or composite action as jobs and steps, with the text of every script where it stands.
 *
 * Source: docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and .../metadata-syntax.
 */
import type { Place } from "../../lib/place.ts";
import { child, type MappingNode, type ScalarNode, type TreeNode } from "../tree.ts";

export interface Workflow {
  readonly root: MappingNode;
  readonly name: string | undefined;
  readonly kind: "workflow" | "composite action";
  readonly jobs: readonly Job[];
  readonly environment: TreeNode | undefined;
  /** Why jobs or steps may be missing. */
  readonly doubt: string | undefined;
}

export interface Job {
  readonly name: string;
  readonly node: TreeNode;
  readonly place: Place;
  readonly steps: readonly Step[];
  /** A reusable workflow that the job consists of. */
  readonly uses: ScalarNode | undefined;
  readonly condition: string;
  /** Whether a deployment environment stands before it, which may ask for approval. */
  readonly environment: boolean;
}

export interface Step {
  readonly node: TreeNode;
  readonly uses: ScalarNode | undefined;
  readonly run: ScalarNode | undefined;
  readonly with: TreeNode | undefined;
  readonly condition: string;
  readonly place: Place;
}

/** The document as a workflow or composite action; undefined for what is neither. */
export function modelOf(document: TreeNode | undefined): Workflow | undefined {
  if (document?.kind !== "mapping") return undefined;
  const jobs = child(document, "jobs");
  if (jobs?.kind === "mapping" && document.entries.has("on")) {
    return {
      root: document,
      name: text(child(document, "name")),
      kind: "workflow",
      jobs: [...jobs.entries.values()].map(({ key, keyPlace, value }) => jobOf(key, keyPlace, value)),
      environment: child(document, "env"),
      doubt: document.incomplete ?? jobs.incomplete,
    };
  }
  const runs = child(document, "runs");
  if (text(child(runs, "using")) !== "composite") return undefined;
  const job = jobOf("runs", runs?.place ?? document.place, runs ?? document);
  return {
    root: document,
    name: text(child(document, "name")),
    kind: "composite action",
    jobs: [job],
    environment: undefined,
    doubt: document.incomplete,
  };
}

function jobOf(name: string, place: Place, node: TreeNode): Job {
  const steps = child(node, "steps");
  return {
    name,
    node,
    place,
    steps: steps?.kind === "sequence" ? steps.items.map(stepOf) : [],
    uses: scalar(child(node, "uses")),
    condition: text(child(node, "if")) ?? "",
    environment: child(node, "environment") !== undefined,
  };
}

function stepOf(node: TreeNode): Step {
  const uses = scalar(child(node, "uses"));
  const run = scalar(child(node, "run"));
  return {
    node,
    uses,
    run,
    with: child(node, "with"),
    condition: text(child(node, "if")) ?? "",
    place: uses?.place ?? run?.place ?? node.place,
  };
}

export function scalar(node: TreeNode | undefined): ScalarNode | undefined {
  return node?.kind === "scalar" && node.value !== null ? node : undefined;
}

/** A scalar's text; undefined for what is none. */
export function text(node: TreeNode | undefined): string | undefined {
  const found = scalar(node);
  return found === undefined ? undefined : String(found.value);
}

/** The action that a step calls, in lower case and without the host that Gitea and Forgejo let stand before it. */
export function actionOf(uses: ScalarNode | undefined): string {
  return (text(uses)?.toLowerCase() ?? "").replace(/^https?:\/\/[^/]{1,253}\//, "");
}

/** The texts of a scalar, a sequence or the keys of a mapping. */
export function names(node: TreeNode | undefined): readonly string[] {
  if (node?.kind === "mapping") return [...node.entries.keys()];
  if (node?.kind === "sequence") return node.items.flatMap((item) => text(item) ?? []);
  const single = text(node);
  return single === undefined ? [] : [single];
}
