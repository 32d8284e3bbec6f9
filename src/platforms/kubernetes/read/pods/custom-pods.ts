/**
 * The pods that objects of other programs' kinds make, laid out as a template under `spec.template`, where readers of pods
 * look. One object may make several.
 *
 * Sources: the CRDs of Argo Workflows v1alpha1 (Workflow, WorkflowTemplate, CronWorkflow) and Argo Rollouts v1alpha1
 * (Experiment, AnalysisTemplate), Tekton v1 (Task, Pipeline,
 * TaskRun, PipelineRun), JobSet v1alpha2, Volcano v1alpha1 (Job), KServe v1beta1 (InferenceService) and of the older
 * controller of GitHub's runners; the first, the second, KServe's and the last have a file of their own each.
 */
import { child, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { itemsOf, mapping, mapScalars, textAt, valueAt, withValue } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import { whyFilledIn, workflowPods } from "./argo-workflow-pods.ts";
import { inferencePods } from "./kserve-pods.ts";
import { below, type FindObject, hiddenRest, type MadePod, type Maker } from "./made-pods.ts";
import { runnerPods } from "./runner-pods.ts";
import { pipelinePods, pipelineRunPods, taskPods, taskRunPods } from "./tekton-pods.ts";

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ["argoproj.io/Workflow", workflowPods],
  ["argoproj.io/WorkflowTemplate", workflowPods],
  ["argoproj.io/ClusterWorkflowTemplate", workflowPods],
  ["argoproj.io/CronWorkflow", (spec, around) => below(spec, workflowPods, around, "workflowSpec")],
  ["argoproj.io/Experiment", (spec) => templates(spec, "templates", ["template"])],
  ["argoproj.io/AnalysisTemplate", analysisPods],
  ["argoproj.io/ClusterAnalysisTemplate", analysisPods],
  ["tekton.dev/Task", (spec, around) => taskPods(spec, around)],
  ["tekton.dev/ClusterTask", (spec, around) => taskPods(spec, around)],
  ["tekton.dev/TaskRun", taskRunPods],
  ["tekton.dev/Pipeline", pipelinePods],
  ["tekton.dev/PipelineRun", pipelineRunPods],
  ["jobset.x-k8s.io/JobSet", (spec) => templates(spec, "replicatedJobs", ["template", "spec", "template"])],
  ["batch.volcano.sh/Job", (spec) => templates(spec, "tasks", ["template"])],
  ["serving.kserve.io/InferenceService", inferencePods],
  ["actions.summerwind.dev/RunnerDeployment", (spec, around) => below(spec, runnerPods, around, "template", "spec")],
  ["actions.summerwind.dev/RunnerReplicaSet", (spec, around) => below(spec, runnerPods, around, "template", "spec")],
  ["actions.summerwind.dev/Runner", runnerPods],
]);

/** Kinds whose pods are laid out so, as `group/Kind`. */
export const customPodKinds: readonly string[] = [...makers.keys()];

/** Kinds that start pods which are meant to end. */
export const endingKinds: ReadonlySet<string> = new Set([
  ...customPodKinds.filter((kind) => !/^(?:serving|actions)|\/Experiment$/.test(kind)),
  "keda.sh/ScaledJob",
]);

/** The object itself, or one for each kind of pods that it makes. `find` looks up what it refers to. */
export function withPodsApart(object: KubernetesObject, find: FindObject): readonly KubernetesObject[] {
  const kind = `${object.group}/${object.kind}`;
  const maker = makers.get(kind);
  const spec = maker === undefined ? undefined : child(object.node, "spec");
  if (maker === undefined || spec?.kind !== "mapping") return [object];
  const pods = maker(spec, { find, namespace: object.namespace ?? "default" });
  if (pods.length === 0) return [object];
  return pods.map(({ name, metadata, spec: made }) => {
    const podSpec = withOpenScalars(made, kind);
    const entries: [string, TreeNode][] = metadata === undefined ? [] : [["metadata", metadata]];
    const template = mapping([...entries, ["spec", podSpec]], podSpec.place);
    const node = withValue(object.node, "spec", mapping([["template", template]], spec.place));
    return { ...object, name: name === "" ? object.name : `${object.name}/${name}`, node };
  });
}

/** What a program fills in when it makes a pod. */
interface FilledIn {
  readonly kinds: RegExp;
  readonly pattern: RegExp;
  readonly why: string;
}

const filledIn: readonly FilledIn[] = [
  { kinds: /^argoproj\.io\/.*Workflow/, pattern: /\{\{/, why: whyFilledIn },
  { kinds: /^argoproj\.io\//, pattern: /\{\{/, why: "Argo Rollouts fills it in when the analysis runs" },
  {
    kinds: /^tekton\.dev\//,
    pattern: /\$\((?:params|workspaces|context|tasks|finally|results|steps?|inputs|outputs|resources|credentials)[.[]/,
    why: "Tekton fills it in when the task runs",
  },
];

/** A pod in which no text counts as stated that its program fills in. */
function withOpenScalars(spec: TreeNode, kind: string): TreeNode {
  const found = filledIn.find(({ kinds }) => kinds.test(kind));
  if (found === undefined) return spec;
  const { pattern, why } = found;
  return mapScalars(spec, (each) => {
    const at = typeof each.value === "string" && each.unresolved === undefined ? each.value.search(pattern) : -1;
    return at === -1 ? each : { ...each, unresolved: why, knownStart: String(each.value).slice(0, at) };
  });
}

/** An analysis of Argo Rollouts that runs a Job. */
function analysisPods(spec: MappingNode): readonly MadePod[] {
  return templates(spec, "metrics", ["provider", "job", "spec", "template"]);
}

/** A list whose members each hold a pod's template. */
function templates(spec: MappingNode, list: string, path: readonly string[]): readonly MadePod[] {
  const pods = itemsOf(child(spec, list)).flatMap((item, index) => {
    const template = valueAt(item, ...path);
    const podSpec = child(template, "spec");
    const name = textAt(item, "name") ?? `${list}[${index}]`;
    return podSpec === undefined ? [] : [{ name, metadata: child(template, "metadata"), spec: podSpec }];
  });
  return [...pods, ...hiddenRest(list, child(spec, list), spec.place)];
}
