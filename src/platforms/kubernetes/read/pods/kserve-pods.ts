/**
 * The pods of KServe's InferenceService: each part is a pod's `spec`, and what stands under a framework's name is merged
 * into the container of the serving runtime that serves it.
 *
 * Source: KServe v1beta1, `predictor.go`, `explainer.go`, `podspec.go` and `pkg/constants` (`kserve-container`); a runtime
 * is the ServingRuntime or ClusterServingRuntime that `model.runtime` names, or one that KServe chooses.
 */
import { child, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { isNothing, itemsOf, scalar, sequence, textAt, withValue } from "../../load/nodes.ts";
import { type Around, allOf, hiddenNode, type MadePod, patchedSpec } from "./made-pods.ts";

/** Fields of a part that describe a container of a runtime's. */
const frameworks = [
  "model",
  "sklearn",
  "xgboost",
  "tensorflow",
  "pytorch",
  "triton",
  "onnx",
  "huggingface",
  "pmml",
  "lightgbm",
  "paddle",
  "art",
  "alibi",
  "aix",
];

export function inferencePods(spec: MappingNode, around: Around): readonly MadePod[] {
  return ["predictor", "transformer", "explainer"].flatMap((name) => {
    const part = child(spec, name);
    if (part?.kind !== "mapping") return [];
    const model = frameworks.map((key) => child(part, key)).find((node) => !isNothing(node));
    const runtime = model === undefined ? undefined : runtimeOf(model, around);
    const pods = [
      [name, podOf(part, model, runtime)],
      [`${name}/worker`, workersOf(part, runtime)],
    ] as const;
    return pods.flatMap(([own, pod]) => (pod === undefined ? [] : [{ name: own, metadata: undefined, spec: pod }]));
  });
}

function podOf(part: MappingNode, model: TreeNode | undefined, runtime: TreeNode | undefined): MappingNode | undefined {
  if (model === undefined) return child(part, "containers") === undefined ? undefined : part;
  const container =
    model.kind === "mapping" ? withValue(model, "name", scalar("kserve-container", model.place)) : model;
  const containers = allOf(model.place, sequence([container], model.place), child(part, "containers"));
  return overRuntime(withValue(part, "containers", containers), runtime);
}

/** The other nodes of a model that runs on several. */
function workersOf(part: MappingNode, runtime: TreeNode | undefined): MappingNode | undefined {
  const workers = child(part, "workerSpec");
  return workers?.kind === "mapping" ? overRuntime(workers, child(runtime, "workerSpec")) : undefined;
}

function overRuntime(spec: MappingNode, runtime: TreeNode | undefined): MappingNode {
  return (runtime?.kind === "mapping" ? patchedSpec(runtime, spec) : undefined) ?? ofRuntime(spec);
}

function runtimeOf(model: TreeNode, { find, namespace }: Around): TreeNode | undefined {
  const name = textAt(model, "runtime");
  if (name === undefined) return undefined;
  const runtime =
    find("serving.kserve.io/ServingRuntime", name, namespace) ?? find("serving.kserve.io/ClusterServingRuntime", name);
  return child(runtime?.node, "spec");
}

const why = "the rest of it comes from the serving runtime, which is not among the files";

/**
 * A pod of which a runtime that is not here says more: other containers and volumes, more of each container, and
 * `hostIPC`. Nothing else of a pod stands in one (`ServingRuntimePodSpec` of v1alpha1).
 */
function ofRuntime(spec: MappingNode): MappingNode {
  const containers = itemsOf(child(spec, "containers")).map((item) =>
    item.kind === "mapping" ? { ...item, incomplete: why } : item,
  );
  const lists = [
    ["containers", containers],
    ["volumes", itemsOf(child(spec, "volumes"))],
  ] as const;
  const open = lists.reduce((node, [key, items]) => {
    const { place } = child(spec, key) ?? spec;
    return withValue(node, key, { ...sequence(items, place), incomplete: why });
  }, spec);
  return isNothing(child(spec, "hostIPC")) ? withValue(open, "hostIPC", hiddenNode(why, spec.place)) : open;
}
