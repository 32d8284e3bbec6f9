/**
 * The pods that objects of other programs' kinds make, laid out as a template under `spec.template`, where readers of pods
 * look. One object may make several.
 *
 * Sources: the CRDs of Argo Workflows v1alpha1 (Workflow, WorkflowTemplate, CronWorkflow), Tekton v1 (Task, Pipeline,
 * TaskRun, PipelineRun), JobSet v1alpha2, Volcano v1alpha1 (Job), KServe v1beta1 (InferenceService) and of the older
 * controller of GitHub's runners (actions.summerwind.dev/v1alpha1: the runner's container is privileged with
 * `dockerdWithinRunnerContainer`; unless `dockerEnabled` is false there is a privileged sidecar otherwise).
 */
import { child, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { itemsOf, mapping, scalar, sequence, textAt, valueAt, withValue } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";

/** One pod: its name within the object, empty for the only one. */
interface MadePod {
  readonly name: string;
  readonly metadata: TreeNode | undefined;
  readonly spec: TreeNode;
}

type Maker = (spec: MappingNode) => readonly MadePod[];

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ["argoproj.io/Workflow", workflowPods],
  ["argoproj.io/WorkflowTemplate", workflowPods],
  ["argoproj.io/ClusterWorkflowTemplate", workflowPods],
  ["argoproj.io/CronWorkflow", (spec) => below(spec, workflowPods, "workflowSpec")],
  ["tekton.dev/Task", (spec) => taskPods(spec)],
  ["tekton.dev/ClusterTask", (spec) => taskPods(spec)],
  ["tekton.dev/TaskRun", (spec) => below(spec, taskPods, "taskSpec")],
  ["tekton.dev/Pipeline", pipelinePods],
  ["tekton.dev/PipelineRun", (spec) => below(spec, pipelinePods, "pipelineSpec")],
  ["jobset.x-k8s.io/JobSet", (spec) => templates(spec, "replicatedJobs", ["template", "spec", "template"])],
  ["batch.volcano.sh/Job", (spec) => templates(spec, "tasks", ["template"])],
  ["serving.kserve.io/InferenceService", inferencePods],
  ["actions.summerwind.dev/RunnerDeployment", (spec) => below(spec, runnerPods, "template", "spec")],
  ["actions.summerwind.dev/RunnerReplicaSet", (spec) => below(spec, runnerPods, "template", "spec")],
  ["actions.summerwind.dev/Runner", runnerPods],
]);

/** Kinds whose pods are laid out so, as `group/Kind`. */
export const customPodKinds: readonly string[] = [...makers.keys()];

/** Kinds that start pods which are meant to end. */
export const endingKinds: ReadonlySet<string> = new Set([
  ...customPodKinds.filter((kind) => !/^(?:serving|actions)/.test(kind)),
  "keda.sh/ScaledJob",
]);

/** The object itself, or one for each kind of pods that it makes. */
export function withPodsApart(object: KubernetesObject): readonly KubernetesObject[] {
  const maker = makers.get(`${object.group}/${object.kind}`);
  const spec = maker === undefined ? undefined : child(object.node, "spec");
  if (maker === undefined || spec?.kind !== "mapping") return [object];
  const pods = maker(spec);
  if (pods.length === 0) return [object];
  return pods.map(({ name, metadata, spec: podSpec }) => {
    const entries: [string, TreeNode][] = metadata === undefined ? [] : [["metadata", metadata]];
    const template = mapping([...entries, ["spec", podSpec]], podSpec.place);
    const node = withValue(object.node, "spec", mapping([["template", template]], spec.place));
    return { ...object, name: name === "" ? object.name : `${object.name}/${name}`, node };
  });
}

function below(spec: TreeNode, maker: Maker, ...path: readonly string[]): readonly MadePod[] {
  const found = valueAt(spec, ...path);
  return found?.kind === "mapping" ? maker(found) : [];
}

/** A list whose members each hold a pod's template. */
function templates(spec: MappingNode, list: string, path: readonly string[]): readonly MadePod[] {
  return itemsOf(child(spec, list)).flatMap((item, index) => {
    const template = valueAt(item, ...path);
    const podSpec = child(template, "spec");
    const name = textAt(item, "name") ?? `${list}[${index}]`;
    return podSpec === undefined ? [] : [{ name, metadata: child(template, "metadata"), spec: podSpec }];
  });
}

/** What a template of a workflow may say of its pod, over what the workflow says of all. */
const podFields = [
  "hostNetwork",
  "securityContext",
  "serviceAccountName",
  "automountServiceAccountToken",
  "hostAliases",
  "nodeSelector",
  "tolerations",
];

function workflowPods(spec: MappingNode): readonly MadePod[] {
  return itemsOf(child(spec, "templates")).flatMap((template, index) => {
    const own = child(template, "container") ?? child(template, "script");
    const set = itemsOf(valueAt(template, "containerSet", "containers"));
    const containers = own === undefined ? set : [own];
    const [first] = containers;
    if (first === undefined) return [];
    const volumes = [...itemsOf(child(template, "volumes")), ...itemsOf(child(spec, "volumes"))];
    const entries = podFields.flatMap((key): [string, TreeNode][] => {
      const value = child(template, key) ?? child(spec, key);
      return value === undefined ? [] : [[key, value]];
    });
    const sidecars = itemsOf(child(template, "sidecars"));
    entries.push(["containers", sequence([...containers, ...sidecars], first.place)]);
    entries.push(["initContainers", sequence(itemsOf(child(template, "initContainers")), first.place)]);
    entries.push(["volumes", sequence(volumes, first.place)]);
    const name = textAt(template, "name") ?? `templates[${index}]`;
    return [{ name, metadata: child(template, "metadata"), spec: mapping(entries, first.place) }];
  });
}

/** `stepTemplate` is what every step has that says nothing else. */
function taskPods(spec: MappingNode): readonly MadePod[] {
  const steps = itemsOf(child(spec, "steps"));
  const [first] = steps;
  if (first === undefined) return [];
  const common = child(spec, "stepTemplate");
  const containers = [...steps.map((step) => laidOver(common, step)), ...itemsOf(child(spec, "sidecars"))];
  const volumes = sequence(itemsOf(child(spec, "volumes")), first.place);
  const made = mapping(
    [
      ["containers", sequence(containers, first.place)],
      ["volumes", volumes],
    ],
    first.place,
  );
  return [{ name: "", metadata: undefined, spec: made }];
}

function laidOver(common: TreeNode | undefined, step: TreeNode): TreeNode {
  if (common?.kind !== "mapping" || step.kind !== "mapping") return step;
  return { ...step, entries: new Map([...common.entries, ...step.entries]) };
}

function pipelinePods(spec: MappingNode): readonly MadePod[] {
  return [...itemsOf(child(spec, "tasks")), ...itemsOf(child(spec, "finally"))].flatMap((task, index) =>
    below(task, taskPods, "taskSpec").map((pod) => ({ ...pod, name: textAt(task, "name") ?? `tasks[${index}]` })),
  );
}

/** Each part is a pod's spec; what `model` names is run in a container of its own. */
function inferencePods(spec: MappingNode): readonly MadePod[] {
  return ["predictor", "transformer", "explainer"].flatMap((name) => {
    const part = child(spec, name);
    if (part?.kind !== "mapping" || child(part, "containers") === undefined) return [];
    return [{ name, metadata: undefined, spec: part }];
  });
}

function runnerPods(spec: MappingNode): readonly MadePod[] {
  const within = valueAt(spec, "dockerdWithinRunnerContainer");
  const isWithin = within?.kind === "scalar" && within.value === true;
  const enabled = valueAt(spec, "dockerEnabled");
  const hasSidecar = !isWithin && !(enabled?.kind === "scalar" && enabled.value === false);
  const stated = itemsOf(child(spec, "containers"));
  const named = (name: string) => stated.find((container) => textAt(container, "name") === name);
  const runner = named("runner") ?? containerOf(spec, "runner", "image", isWithin ? within : undefined);
  const docker =
    named("docker") ?? containerOf(spec, "docker", "dockerImage", scalar(true, enabled?.place ?? spec.place));
  const others = stated.filter((container) => container !== runner && container !== docker);
  const containers = [runner, ...(hasSidecar ? [docker] : []), ...others];
  return [{ name: "", metadata: undefined, spec: withValue(spec, "containers", sequence(containers, spec.place)) }];
}

function containerOf(spec: MappingNode, name: string, image: string, privileged: TreeNode | undefined): TreeNode {
  const taken = name === "runner" ? ["env", "envFrom", "resources", "volumeMounts"] : [];
  const entries = taken.flatMap((key): [string, TreeNode][] => {
    const value = child(spec, key);
    return value === undefined ? [] : [[key, value]];
  });
  const from = child(spec, image);
  if (from !== undefined) entries.push(["image", from]);
  if (privileged !== undefined)
    entries.push(["securityContext", mapping([["privileged", privileged]], privileged.place)]);
  return mapping([["name", scalar(name, spec.place)], ...entries], from?.place ?? spec.place);
}
