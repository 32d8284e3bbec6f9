/**
 * The pods of KServe's InferenceService: each part is a pod's `spec`, and what stands under a framework's name is merged
 * into the container of the serving runtime that serves it.
 *
 * Source: KServe v1beta1, `predictor.go`, `explainer.go`, `podspec.go` and `pkg/constants` (`kserve-container`); a runtime
 * is the ServingRuntime or ClusterServingRuntime that `model.runtime` names, or one that KServe chooses.
 */
import { child, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { isNothing, itemsOf, scalar, sequence, textAt, withValue } from "../../load/nodes.ts";
import { type Around, type MadePod, patchedSpec } from "./made-pods.ts";

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
    const workers = child(part, "workerSpec");
    const pods = [
      [name, podOf(part, around)],
      [`${name}/worker`, workers?.kind === "mapping" ? ofRuntime(workers) : undefined],
    ] as const;
    return pods.flatMap(([own, pod]) => (pod === undefined ? [] : [{ name: own, metadata: undefined, spec: pod }]));
  });
}

function podOf(part: MappingNode, around: Around): MappingNode | undefined {
  const model = frameworks.map((key) => child(part, key)).find((node) => !isNothing(node));
  if (model === undefined) return child(part, "containers") === undefined ? undefined : part;
  const container =
    model.kind === "mapping" ? withValue(model, "name", scalar("kserve-container", model.place)) : model;
  const containers = sequence([container, ...itemsOf(child(part, "containers"))], model.place);
  const own = withValue(part, "containers", containers);
  const runtime = runtimeOf(model, around);
  return (runtime === undefined ? undefined : patchedSpec(runtime, own)) ?? ofRuntime(own);
}

function runtimeOf(model: TreeNode, { find, namespace }: Around): MappingNode | undefined {
  const name = textAt(model, "runtime");
  if (name === undefined) return undefined;
  const runtime =
    find("serving.kserve.io/ServingRuntime", name, namespace) ?? find("serving.kserve.io/ClusterServingRuntime", name);
  const spec = child(runtime?.node, "spec");
  return spec?.kind === "mapping" ? spec : undefined;
}

const why = "the rest of it comes from the serving runtime, which is not among the files";

/** A pod of which a runtime that is not here may say more: of the pod, of its containers, and which others there are. */
function ofRuntime(spec: MappingNode): MappingNode {
  const list = child(spec, "containers");
  const containers = itemsOf(list).map((item) => (item.kind === "mapping" ? { ...item, incomplete: why } : item));
  const incomplete = { ...sequence(containers, (list ?? spec).place), incomplete: why };
  return { ...withValue(spec, "containers", incomplete), incomplete: why };
}
