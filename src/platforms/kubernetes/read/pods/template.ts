import { Fields } from "../../../../formats/fields.ts";
import { child, type TreeNode } from "../../../../formats/tree.ts";
import type { KubernetesObject } from "../../objects.ts";
import { customPodKinds, endingKinds } from "./custom-pods.ts";

/** What an object makes its pods of. */
export interface PodTemplate {
  /** The pod's own metadata: labels that selectors match, annotations. */
  readonly metadata: Fields;
  /** The pod's `spec`. */
  readonly spec: Fields;
  /** The object's `spec`: replicas, volume claim templates. The same as `spec` for a Pod. */
  readonly ownerSpec: Fields;
  /** True for one whose pods are meant to end. */
  readonly runsToCompletion: boolean;
}

/**
 * Where the pod's template lies in each kind that makes pods, by `group/Kind` (the core group is empty).
 *
 * Sources: k8s.io/api v1.37 (core, apps, batch); the CRDs of Argo Rollouts v1, OpenKruise v1, Knative Serving v1, KEDA
 * v1alpha1, both controllers of GitHub's runners and OpenShift's DeploymentConfig.
 */
const templatePaths: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["/Pod", []],
  ["/PodTemplate", ["template"]],
  ["/ReplicationController", ["spec", "template"]],
  ["apps/Deployment", ["spec", "template"]],
  ["apps/StatefulSet", ["spec", "template"]],
  ["apps/DaemonSet", ["spec", "template"]],
  ["apps/ReplicaSet", ["spec", "template"]],
  // What the oldest manifests still say.
  ["extensions/Deployment", ["spec", "template"]],
  ["extensions/DaemonSet", ["spec", "template"]],
  ["extensions/ReplicaSet", ["spec", "template"]],
  ["batch/Job", ["spec", "template"]],
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template"]],
  ["argoproj.io/Rollout", ["spec", "template"]],
  ["apps.kruise.io/CloneSet", ["spec", "template"]],
  ["apps.kruise.io/StatefulSet", ["spec", "template"]],
  ["apps.kruise.io/DaemonSet", ["spec", "template"]],
  ["serving.knative.dev/Service", ["spec", "template"]],
  ["serving.knative.dev/Configuration", ["spec", "template"]],
  ["apps.openshift.io/DeploymentConfig", ["spec", "template"]],
  ["keda.sh/ScaledJob", ["spec", "jobTargetRef", "template"]],
  ["actions.github.com/AutoscalingRunnerSet", ["spec", "template"]],
  ["actions.github.com/EphemeralRunnerSet", ["spec", "ephemeralRunnerSpec"]],
  // `EphemeralRunnerSpec` has a pod template inline, in apis/actions.github.com/v1alpha1/ephemeralrunner_types.go.
  ["actions.github.com/EphemeralRunner", ["spec"]],
  ["actions.summerwind.dev/RunnerSet", ["spec", "template"]],
  // As `custom-pods.ts` lays them out.
  ...customPodKinds.map((kind) => [kind, ["spec", "template"]] as const),
]);

/** Kinds that make pods, as `group/Kind`. */
export const podKinds: readonly string[] = [...templatePaths.keys()];

/**
 * The template of the pods that an object makes; undefined for a kind that makes none, and for a Rollout that takes
 * another object's template.
 */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  const path = templatePaths.get(`${object.group}/${object.kind}`);
  if (path === undefined) return undefined;
  const root = Fields.of(object.node, object.place, object.kind);
  const template = path.reduce((fields, key) => fields.fields(key), root);
  if (path.length > 0 && nodeAt(object.node, path) === undefined && template.hidden === undefined) return undefined;
  return {
    metadata: template.fields("metadata"),
    spec: template.fields("spec"),
    ownerSpec: root.fields("spec"),
    runsToCompletion: object.group === "batch" || endingKinds.has(`${object.group}/${object.kind}`),
  };
}

function nodeAt(node: TreeNode, path: readonly string[]): TreeNode | undefined {
  return path.reduce<TreeNode | undefined>((at, key) => child(at, key), node);
}
