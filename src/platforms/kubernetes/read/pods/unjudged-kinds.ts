/**
 * Pods that are not judged, and how that is told: one note for objects that hold what looks like a pod (of kinds that are
 * not known here, or of known ones that are written otherwise) or of which an operator makes pods, and one for those that
 * run what is described elsewhere.
 */
import type { InputProblem } from "../../../../facts/system.ts";
import { child, isTrue, type TreeNode } from "../../../../formats/tree.ts";
import { listed } from "../../../../lib/listed.ts";
import { itemsOf, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import { oneNote } from "../../one-note.ts";
import { withPodsApart } from "./custom-pods.ts";
import { type FindObject, finderIn } from "./made-pods.ts";
import { operatorKinds } from "./operator-kinds.ts";
import { unseenReferences } from "./referred.ts";
import { podKinds, podTemplateOf } from "./template.ts";

/** Groups whose objects make no pods of what they hold, or make them of what is told elsewhere: charts, policies, schemas. */
const otherGroups =
  /^(?:|apps|batch|extensions|policy|apiextensions\.k8s\.io|admissionregistration\.k8s\.io|(?:.+\.)?kyverno\.io|.+\.gatekeeper\.sh|.+\.toolkit\.fluxcd\.io|helm\.cattle\.io|security\.openshift\.io|kustomize\.config\.k8s\.io)$/;
const deliveries = new Set(["argoproj.io/Application", "argoproj.io/ApplicationSet", "argoproj.io/AppProject"]);

const known = new Set(podKinds);

export function unjudgedKinds(objects: readonly KubernetesObject[]): readonly InputProblem[] {
  const find = finderIn(objects);
  return [...unjudgedPods(objects, find), ...unseenRuns(objects, find)];
}

function unjudgedPods(objects: readonly KubernetesObject[], find: FindObject): readonly InputProblem[] {
  const found = objects.filter((object) => isUnjudged(object, find));
  const noted = found.map(({ kind, name, place }) => ({
    shown: `${kind} ${name}`,
    message: `The pods of the ${kind} ${name} are not judged.`,
    place,
  }));
  return oneNote(noted, {
    one: "1 object is of a kind whose pods are not judged",
    many: "objects are of kinds whose pods are not judged",
    hint: "Look at what they run by themselves; nothing here counts as passed for them.",
  });
}

function isUnjudged(object: KubernetesObject, find: FindObject): boolean {
  const { group, kind, node } = object;
  const name = `${group}/${kind}`;
  if (operatorKinds.has(name)) return true;
  if (!known.has(name)) return !otherGroups.test(group) && !deliveries.has(name) && holdsPod(node, 0);
  if (withPodsApart(object, find).some((each) => podTemplateOf(each) !== undefined)) return false;
  // A part of an InferenceService serves a model, whatever it is called.
  return holdsPod(node, 0) || (group === "serving.kserve.io" && child(node, "spec") !== undefined);
}

/** What another object made is told with that one. */
function unseenRuns(objects: readonly KubernetesObject[], find: FindObject): readonly InputProblem[] {
  const noted = objects.flatMap((object) => {
    const unseen = unseenReferences(object, { find, namespace: object.namespace ?? "default" });
    if (unseen.length === 0 || itemsOf(valueAt(object.node, "metadata", "ownerReferences")).length > 0) return [];
    const { kind, name, place } = object;
    const verb = unseen.length === 1 ? "is" : "are";
    const message = `The ${kind} ${name} runs ${listed(unseen)}, which ${verb} not among the files.`;
    return [{ shown: `${kind} ${name} runs ${listed(unseen)}`, message, place }];
  });
  return oneNote(noted, {
    one: "1 object runs pods that are described elsewhere and not judged",
    many: "objects run pods that are described elsewhere and not judged",
    hint: "Check the files that describe them too; nothing here counts as passed for them.",
  });
}

/** Deeper than any template lies. */
const deepest = 14;

/**
 * Among `containers`, Tekton's `steps` or Argo's `templates` one with an image, or a power that only pods ask for. What an
 * operator is told of the one container that it makes by itself (`container: { image: … }`) is no pod.
 */
function holdsPod(node: TreeNode, depth: number): boolean {
  if (depth > deepest || node.kind === "scalar") return false;
  if (node.kind === "sequence") return node.items.some((item) => holdsPod(item, depth + 1));
  if (["hostNetwork", "hostPID", "hostIPC", "privileged"].some((key) => isTrue(child(node, key)))) return true;
  const templates = itemsOf(child(node, "templates")).map((each) => child(each, "container") ?? child(each, "script"));
  const containers = [...["containers", "steps"].flatMap((key) => itemsOf(child(node, key))), ...templates];
  if (containers.some((container) => child(container, "image") !== undefined)) return true;
  return [...node.entries.values()].some(({ value }) => holdsPod(value, depth + 1));
}
