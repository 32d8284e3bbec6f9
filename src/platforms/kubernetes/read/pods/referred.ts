/**
 * What objects run that other objects describe: Tasks, Pipelines and StepActions of Tekton, templates of Argo Workflows,
 * the Deployment whose pods a Rollout takes. What is not among the files is not judged.
 *
 * Sources: Tekton v1 (`taskRef`, `pipelineRef`, a step's `ref`), Argo Workflows v1alpha1 (`workflowTemplateRef`,
 * `templateRef`), Argo Rollouts v1alpha1 (`workloadRef`).
 */
import { child, type TreeNode } from "../../../../formats/tree.ts";
import { isNothing, textAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import { workflowTemplateOf } from "./argo-workflow-pods.ts";
import type { Around } from "./made-pods.ts";
import { pipelineOf, stepActionOf, taskOf } from "./tekton-pods.ts";

/** A field that names another object: what that is to people, and how it is found. */
type Reference = readonly [what: string, found: (reference: TreeNode, around: Around) => KubernetesObject | undefined];

const tekton = new Map<string, Reference>([
  ["taskRef", ["Task", taskOf]],
  ["pipelineRef", ["Pipeline", pipelineOf]],
  ["ref", ["StepAction", stepActionOf]],
]);
const workflows = new Map<string, Reference>([
  ["workflowTemplateRef", ["WorkflowTemplate", workflowTemplateOf]],
  ["templateRef", ["WorkflowTemplate", workflowTemplateOf]],
]);
const rollouts = new Map<string, Reference>([["workloadRef", ["workload", workloadOf]]]);

const kinds: ReadonlyMap<string, ReadonlyMap<string, Reference>> = new Map([
  ...["Task", "ClusterTask", "TaskRun", "Pipeline", "PipelineRun"].map(
    (kind) => [`tekton.dev/${kind}`, tekton] as const,
  ),
  ...["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"].map(
    (kind) => [`argoproj.io/${kind}`, workflows] as const,
  ),
  ["argoproj.io/Rollout", rollouts],
]);

/** What an object refers to and is not among the files: `the Task build`. Each once, in the order in which they stand. */
export function unseenReferences(object: KubernetesObject, around: Around): readonly string[] {
  const references = kinds.get(`${object.group}/${object.kind}`);
  const spec = child(object.node, "spec");
  if (references === undefined || spec === undefined) return [];
  const found = new Set<string>();
  visit(spec, references, around, found, 0);
  return [...found];
}

/** Deeper than any reference lies. */
const deepest = 16;

function visit(
  node: TreeNode,
  references: ReadonlyMap<string, Reference>,
  around: Around,
  found: Set<string>,
  depth: number,
): void {
  if (depth > deepest || node.kind === "scalar") return;
  if (node.kind === "sequence") {
    for (const item of node.items) visit(item, references, around, found, depth + 1);
    return;
  }
  for (const { key, value } of node.entries.values()) {
    const unseen = unseenAt(references.get(key), value, around);
    if (unseen === undefined) visit(value, references, around, found, depth + 1);
    else found.add(unseen);
  }
}

function unseenAt(reference: Reference | undefined, value: TreeNode, around: Around): string | undefined {
  if (reference === undefined || value.kind !== "mapping" || isOfAnotherProgram(value)) return undefined;
  const [what, found] = reference;
  if (found(value, around) !== undefined) return undefined;
  return `the ${textAt(value, "kind") ?? what} ${textAt(value, "name") ?? "that it names"}`;
}

/** A task of a kind of its own runs in no pod that Tekton makes. */
function isOfAnotherProgram(reference: TreeNode): boolean {
  const apiVersion = child(reference, "apiVersion");
  return !isNothing(apiVersion) && /^(?!tekton\.dev\/|apps\/)/.test(textAt(reference, "apiVersion") ?? "");
}

function workloadOf(reference: TreeNode, { find, namespace }: Around): KubernetesObject | undefined {
  const group = /^(.*)\//.exec(textAt(reference, "apiVersion") ?? "")?.[1] ?? "";
  return find(`${group}/${textAt(reference, "kind") ?? "Deployment"}`, textAt(reference, "name") ?? "", namespace);
}
