/**
 * The pods of Argo Workflows: one for each template that has a container, a script or a set of containers.
 *
 * Source: Argo Workflows v3.7, `workflow_types.go` and `workflow/controller/workflowpod.go`: the container of a template is
 * called `main`; `templateDefaults` are merged under each template of the same type; what a template says of its pod
 * replaces what the workflow says; `podSpecPatch` (JSON or YAML, a strategic merge) of the workflow is applied first,
 * then the template's. A workflow's own fields win over those of the WorkflowTemplate that it names.
 */
import { relocate } from "../../../../formats/relocate.ts";
import { child, isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { type Place, Source } from "../../../../lib/place.ts";
import {
  isNothing,
  itemsOf,
  mapping,
  mapScalars,
  scalar,
  sequence,
  textAt,
  valueAt,
  withValue,
} from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import {
  type Around,
  allOf,
  bothByName,
  entriesAt,
  hiddenNode,
  hiddenRest,
  type MadePod,
  patchedSpec,
} from "./made-pods.ts";

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

/** What of a workflow changes the pods of the WorkflowTemplate that it names. */
const changes = [...podFields, "volumes", "podSpecPatch", "templateDefaults", "templates"];

export function workflowPods(spec: MappingNode, around: Around): readonly MadePod[] {
  const whole = withReferred(spec, around);
  if (whole === undefined) return [];
  const defaults = child(whole, "templateDefaults");
  const templates = child(whole, "templates");
  const pods = itemsOf(templates).flatMap((template, index) => {
    const type = typeOf(template);
    if (type === undefined) return [];
    const made = podOf(whole, template, defaults, type);
    const name = textAt(template, "name") ?? `templates[${index}]`;
    return [{ name, metadata: child(template, "metadata") ?? child(defaults, "metadata"), spec: made }];
  });
  return [...pods, ...hiddenRest("templates", templates, whole.place)];
}

/** The WorkflowTemplate, of the namespace or of the whole cluster, that a reference names. */
export function workflowTemplateOf(reference: TreeNode, around: Around): KubernetesObject | undefined {
  const name = textAt(reference, "name");
  if (name === undefined) return undefined;
  return isTrue(child(reference, "clusterScope"))
    ? around.find("argoproj.io/ClusterWorkflowTemplate", name)
    : around.find("argoproj.io/WorkflowTemplate", name, around.namespace);
}

/** The workflow with what it takes from the template that it names; undefined where that is judged as it stands. */
function withReferred(spec: MappingNode, around: Around): MappingNode | undefined {
  const reference = child(spec, "workflowTemplateRef");
  if (isNothing(reference) || reference === undefined) return spec;
  if (!changes.some((key) => !isNothing(child(spec, key)))) return undefined;
  const referred = child(workflowTemplateOf(reference, around)?.node, "spec");
  if (referred?.kind !== "mapping") return spec;
  const merged: MappingNode = { ...referred, entries: new Map([...referred.entries, ...spec.entries]) };
  return ["templates", "volumes"].reduce(
    (node, key) => withValue(node, key, bothByName(spec.place, child(spec, key), child(referred, key))),
    merged,
  );
}

const types = ["container", "script", "containerSet"] as const;
type Type = (typeof types)[number];

function typeOf(template: TreeNode): Type | undefined {
  return types.find((type) => !isNothing(child(template, type)));
}

function podOf(workflow: MappingNode, template: TreeNode, defaults: TreeNode | undefined, type: Type): TreeNode {
  const own = laidOut(template, type);
  const filled = isNothing(defaults) || defaults === undefined ? own : patchedSpec(laidOut(defaults, type), own);
  if (filled === undefined) return hiddenNode("the workflow's `templateDefaults` do not fit this template", own.place);
  const missing = podFields.filter((key) => child(filled, key) === undefined);
  const taken = entriesAt(workflow, missing).reduce((spec, [key, value]) => withValue(spec, key, value), filled);
  const volumes = allOf(own.place, child(taken, "volumes"), child(workflow, "volumes"));
  const spec: TreeNode = withValue(taken, "volumes", volumes);
  const patches = [child(workflow, "podSpecPatch"), child(template, "podSpecPatch") ?? child(defaults, "podSpecPatch")];
  return patches.reduce(patchedBy, spec);
}

/** A template as a pod's `spec`. */
function laidOut(template: TreeNode, type: Type): MappingNode {
  const own = child(template, type);
  const { place } = own ?? template;
  const containers =
    type === "containerSet" ? child(own, "containers") : sequence(own === undefined ? [] : [main(own)], place);
  const all = allOf(place, containers, child(template, "sidecars"));
  return mapping(
    [...entriesAt(template, podFields), ["containers", all], ...entriesAt(template, ["initContainers", "volumes"])],
    place,
  );
}

function main(container: TreeNode): TreeNode {
  return container.kind === "mapping" ? withValue(container, "name", scalar("main", container.place)) : container;
}

/** The pod with one `podSpecPatch` applied; a patch that cannot be read may change anything. */
function patchedBy(spec: TreeNode, node: TreeNode | undefined): TreeNode {
  if (spec.kind !== "mapping" || node === undefined || isNothing(node)) return spec;
  const patch = patchIn(node);
  const patched = patch === undefined ? undefined : patchedSpec(spec, patch);
  return patched ?? hiddenNode("its `podSpecPatch` cannot be told, and it may change anything of the pod", node.place);
}

/** What is filled in when the workflow runs. */
const filledIn = /\{\{[^{}]*\}\}/g;
const token = "filled-in-when-it-runs";

/** A patch as a tree; undefined for one whose shape, or one of whose members, depends on what is filled in. */
function patchIn(node: TreeNode): MappingNode | undefined {
  if (node.kind !== "scalar" || node.unresolved !== undefined || typeof node.value !== "string") return undefined;
  const text = node.value.replace(filledIn, token);
  if (text.includes("{{")) return undefined;
  const { documents, problems } = parseYaml(new Source("podSpecPatch", text), text, { booleans: "1.1" });
  const [document, ...others] = documents;
  if (problems.length > 0 || document?.kind !== "mapping" || others.length > 0 || hasOpenShape(document))
    return undefined;
  return mapScalars(
    relocate(document, () => node.place),
    (each) =>
      typeof each.value === "string" && each.value.includes(token) ? openScalar(each.value, each.place) : each,
  ) as MappingNode;
}

function openScalar(value: string, place: Place): TreeNode {
  const text = value.replaceAll(token, "{{…}}");
  return {
    kind: "scalar",
    value: text,
    unresolved: whyFilledIn,
    knownStart: value.slice(0, value.indexOf(token)),
    place,
  };
}

export const whyFilledIn = "Argo Workflows fills it in when the workflow runs";

function hasOpenShape(node: TreeNode): boolean {
  if (node.kind === "scalar") return false;
  if (node.kind === "sequence")
    return node.items.some((item) => hasOpenShape(item) || isOpen(item) || isOpen(valueAt(item, "name")));
  return [...node.entries.values()].some(({ key, value }) => key.includes(token) || hasOpenShape(value));
}

function isOpen(node: TreeNode | undefined): boolean {
  return node?.kind === "scalar" && typeof node.value === "string" && node.value.includes(token);
}
