/**
 * The pods of Tekton: one for each task that runs.
 *
 * Source: Tekton Pipelines v1 and v1beta1 (`taskrun_types.go`, `pipelinerun_types.go`, `pod/template.go`): a TaskRun says
 * more of its pod in `podTemplate` and `serviceAccountName`; a PipelineRun does for all its tasks in `taskRunTemplate`
 * (v1beta1: in its own `spec`) and for one in `taskRunSpecs`, whose fields win. `docs/podtemplates.md`: its `env` wins over
 * that of the steps. `examples/v1/taskruns/task-podtemplate.yaml`: a task may have a `podTemplate` of its own.
 * `docs/additional-configs.md` and `config/config-defaults.yaml`: `default-pod-template`, which is merged with what a run says,
 * and `default-service-account`, for a run that names none.
 */
import { relocate } from "../../../../formats/relocate.ts";
import { child, type MappingNode, type SequenceNode, type TreeNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { isNothing, itemsOf, mapping, textAt, textOf, valueAt, withValue } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import {
  type Around,
  allOf,
  below,
  besides,
  bothByName,
  hiddenNode,
  hiddenRest,
  type MadePod,
  whyNotWhole,
} from "./made-pods.ts";

/** What a run says of the pods of its tasks. */
interface RunsAs {
  readonly podTemplate: TreeNode | undefined;
  readonly serviceAccountName: TreeNode | undefined;
}

const asItStands: RunsAs = { podTemplate: undefined, serviceAccountName: undefined };

export function taskPods(spec: MappingNode, around: Around, runsAs = asItStands): readonly MadePod[] {
  const list = child(spec, "steps");
  const steps = itemsOf(list);
  const { place } = steps[0] ?? list ?? spec;
  if (steps.length === 0 && whyNotWhole(list) === undefined) return [];
  const usual = usualRun(around);
  const { serviceAccountName = usual.serviceAccountName } = runsAs;
  const own = mergedTemplates(runsAs.podTemplate, stated(child(spec, "podTemplate")));
  const podTemplate = mergedTemplates(own, usual.podTemplate);
  const common = child(spec, "stepTemplate");
  const env = allOf(place, child(podTemplate, "env"));
  const made = steps.map((step) => withEnvironment(laidOver(common, whole(step, around)), env));
  const containers = allOf(place, list, child(spec, "sidecars"));
  const pod = mapping(
    [
      ["containers", { ...containers, items: [...made, ...containers.items.slice(steps.length)] }],
      ["volumes", allOf(place, child(spec, "volumes"), child(podTemplate, "volumes"))],
      ...(serviceAccountName === undefined ? [] : [["serviceAccountName", serviceAccountName] as const]),
    ],
    place,
  );
  return [{ name: "", metadata: undefined, spec: withTemplate(pod, podTemplate) }];
}

export function taskRunPods(spec: MappingNode, around: Around): readonly MadePod[] {
  return podsOfTask(spec, around, {
    podTemplate: stated(child(spec, "podTemplate")),
    serviceAccountName: stated(child(spec, "serviceAccountName")),
  });
}

export function pipelinePods(spec: MappingNode, around: Around): readonly MadePod[] {
  return podsOfPipeline(spec, around, () => asItStands);
}

export function pipelineRunPods(spec: MappingNode, around: Around): readonly MadePod[] {
  const pipeline = child(spec, "pipelineSpec") ?? child(pipelineOf(child(spec, "pipelineRef"), around)?.node, "spec");
  if (pipeline?.kind !== "mapping") return [];
  const isReferred = child(spec, "pipelineSpec") === undefined;
  return podsOfPipeline(pipeline, around, (task) => runOf(spec, task), isReferred);
}

/** The Task that a reference names, where it is not fetched from elsewhere. */
export function taskOf(reference: TreeNode | undefined, around: Around): KubernetesObject | undefined {
  return textAt(reference, "kind") === "ClusterTask"
    ? found("ClusterTask", reference, { ...around, namespace: "default" })
    : found("Task", reference, around);
}

export function pipelineOf(reference: TreeNode | undefined, around: Around): KubernetesObject | undefined {
  return found("Pipeline", reference, around);
}

export function stepActionOf(reference: TreeNode | undefined, around: Around): KubernetesObject | undefined {
  return found("StepAction", reference, around);
}

function found(
  kind: string,
  reference: TreeNode | undefined,
  { find, namespace }: Around,
): KubernetesObject | undefined {
  const name = textAt(reference, "name");
  const isFetched = ["resolver", "bundle"].some((key) => child(reference, key) !== undefined);
  return name === undefined || isFetched ? undefined : find(`tekton.dev/${kind}`, name, namespace);
}

/** One task of a pipeline, or that of a run. A Task of its own is judged as it stands, unless the run says more of it. */
function podsOfTask(owner: TreeNode, around: Around, runsAs: RunsAs, isReferred = false): readonly MadePod[] {
  const maker = (spec: MappingNode) => taskPods(spec, around, runsAs);
  const addsNothing = !changesPod(runsAs);
  if (child(owner, "taskSpec") !== undefined)
    return isReferred && addsNothing ? [] : below(owner, maker, around, "taskSpec");
  const task = addsNothing ? undefined : taskOf(child(owner, "taskRef"), around);
  return task === undefined ? [] : below(task.node, maker, around, "spec");
}

function podsOfPipeline(
  spec: MappingNode,
  around: Around,
  runsAs: (task: string | undefined) => RunsAs,
  isReferred = false,
): readonly MadePod[] {
  const tasks = allOf(spec.place, child(spec, "tasks"), child(spec, "finally"));
  const pods = tasks.items.flatMap((task, index) => {
    const name = textAt(task, "name");
    const made = podsOfTask(task, around, runsAs(name), isReferred);
    return made.map((pod) => ({ ...pod, name: name ?? `tasks[${index}]` }));
  });
  return isReferred ? pods : [...pods, ...hiddenRest("tasks", tasks, spec.place)];
}

/** The account `default` is what every run is given that names none. */
function changesPod({ podTemplate, serviceAccountName }: RunsAs): boolean {
  return podTemplate !== undefined || (serviceAccountName !== undefined && !isDefaultAccount(serviceAccountName));
}

function isDefaultAccount(node: TreeNode): boolean {
  return node.kind === "scalar" && (node.value === "default" || node.value === "") && node.unresolved === undefined;
}

/** What a PipelineRun says of one of its tasks. */
function runOf(spec: MappingNode, task: string | undefined): RunsAs {
  const ofAll = child(spec, "taskRunTemplate") ?? spec;
  const ofOne = itemsOf(child(spec, "taskRunSpecs")).find(
    (each) => task !== undefined && textAt(each, "pipelineTaskName") === task,
  );
  const own = stated(child(ofOne, "podTemplate") ?? child(ofOne, "taskPodTemplate"));
  const account = child(ofOne, "serviceAccountName") ?? child(ofOne, "taskServiceAccountName");
  return {
    podTemplate: mergedTemplates(own, stated(child(ofAll, "podTemplate"))),
    serviceAccountName: stated(account) ?? stated(child(ofAll, "serviceAccountName")),
  };
}

/** The fields of the first, then of the second; `env` and `volumes` of both, and the node's network where either asks. */
function mergedTemplates(own: TreeNode | undefined, ofAll: TreeNode | undefined): TreeNode | undefined {
  if (own?.kind !== "mapping" || ofAll?.kind !== "mapping") return own?.kind === "scalar" ? own : (ofAll ?? own);
  const merged = { ...ofAll, entries: new Map([...ofAll.entries, ...own.entries]) };
  const lists = ["env", "volumes"].reduce<MappingNode>(
    (node, key) => withValue(node, key, bothByName(own.place, child(own, key), child(ofAll, key))),
    merged,
  );
  const network = child(ofAll, "hostNetwork");
  return network === undefined || isFalse(network) ? lists : withValue(lists, "hostNetwork", network);
}

function isFalse(node: TreeNode): boolean {
  return node.kind === "scalar" && node.value === false;
}

const usualRuns = new WeakMap<KubernetesObject, RunsAs>();

/** What the cluster's Tekton does where a run says nothing. */
function usualRun({ find }: Around): RunsAs {
  const configuration = find("/ConfigMap", "config-defaults", "tekton-pipelines");
  if (configuration === undefined) return asItStands;
  const known = usualRuns.get(configuration);
  if (known !== undefined) return known;
  const data = valueAt(configuration.node, "data");
  const usual = {
    podTemplate: stated(inText(child(data, "default-pod-template"))),
    serviceAccountName: stated(child(data, "default-service-account")),
  };
  usualRuns.set(configuration, usual);
  return usual;
}

/** The YAML that a text holds, at the text's place; the text itself where that cannot be told. */
function inText(node: TreeNode | undefined): TreeNode | undefined {
  const text = textOf(node);
  if (node === undefined || text === undefined) return node;
  const { documents, problems } = parseYaml(new Source("default-pod-template", text), text);
  if (problems.length > 0) return hiddenNode("`default-pod-template` of Tekton has a mistake", node.place);
  return documents[0] && relocate(documents[0], () => node.place);
}

/** A pod with what a run says of it; a template that cannot be resolved may say anything. */
function withTemplate(pod: MappingNode, template: TreeNode | undefined): MappingNode {
  if (template === undefined) return pod;
  if (template.kind !== "mapping") {
    const why = template.kind === "scalar" ? template.unresolved : template.incomplete;
    return { ...pod, incomplete: why ?? "`podTemplate` is not a mapping" };
  }
  const filled = [...template.entries.values()]
    .filter(({ key }) => key !== "env" && key !== "volumes")
    .reduce((node, { key, value }) => withValue(node, key, value), pod);
  return template.incomplete === undefined ? filled : { ...filled, incomplete: template.incomplete };
}

/** A step with what the StepAction says that it names; one that is not here may hold anything. */
function whole(step: TreeNode, around: Around): TreeNode {
  const reference = child(step, "ref");
  if (reference === undefined || isNothing(reference) || step.kind !== "mapping") return step;
  const action = valueAt(stepActionOf(reference, around)?.node, "spec");
  return action === undefined
    ? {
        ...step,
        incomplete: `the StepAction ${textAt(reference, "name") ?? ""} is not among the files`.replace("  ", " "),
      }
    : laidOver(action, step);
}

/** The fields of a step over those of what every step has that says nothing else. */
function laidOver(common: TreeNode | undefined, step: TreeNode): TreeNode {
  if (common?.kind !== "mapping" || step.kind !== "mapping") return step;
  return { ...step, entries: new Map([...common.entries, ...step.entries]) };
}

function withEnvironment(step: TreeNode, env: SequenceNode): TreeNode {
  if (step.kind !== "mapping" || (env.items.length === 0 && env.incomplete === undefined)) return step;
  const own = child(step, "env");
  return withValue(step, "env", { ...allOf(step.place, own, env), items: [...besides(own, env), ...env.items] });
}

function stated(node: TreeNode | undefined): TreeNode | undefined {
  return isNothing(node) ? undefined : node;
}
