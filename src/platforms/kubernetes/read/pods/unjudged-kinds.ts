/** Objects of kinds that are not known here and hold what looks like a pod: one note says that they are not judged. */
import type { InputProblem } from "../../../../facts/system.ts";
import { child, type TreeNode } from "../../../../formats/tree.ts";
import { describePlace } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { podKinds } from "./template.ts";

/** Groups whose objects make no pods of what they hold, or make them of what is told elsewhere: charts, policies, schemas. */
const otherGroups =
  /^(?:|apps|batch|extensions|policy|apiextensions\.k8s\.io|admissionregistration\.k8s\.io|(?:.+\.)?kyverno\.io|.+\.gatekeeper\.sh|.+\.toolkit\.fluxcd\.io|helm\.cattle\.io|security\.openshift\.io|kustomize\.config\.k8s\.io)$/;
const deliveries = new Set(["argoproj.io/Application", "argoproj.io/ApplicationSet", "argoproj.io/AppProject"]);

/** Names that a note shows; the others stand in its parts. */
const namesShown = 3;

export function unjudgedKinds(objects: readonly KubernetesObject[]): readonly InputProblem[] {
  const known = new Set([...podKinds, ...deliveries]);
  const found = objects.filter(
    ({ group, kind, node }) => !otherGroups.test(group) && !known.has(`${group}/${kind}`) && holdsPod(node, 0),
  );
  const [first] = found;
  if (first === undefined) return [];
  const shown = found.slice(0, namesShown).map(({ kind, place }) => `${kind} (${describePlace(place)})`);
  const more = found.length > namesShown ? ` and ${found.length - namesShown} more` : "";
  const what = found.length === 1 ? "1 object is of a kind" : `${found.length} objects are of kinds`;
  const parts = found.map(({ kind, name, place }) => ({
    severity: "warning" as const,
    message: `The pods of the ${kind} ${name} are not judged.`,
    place,
  }));
  return [
    {
      severity: "warning",
      message: `${what} whose pods are not judged: ${shown.join(", ")}${more}.`,
      hint: "Look at what they run by themselves; nothing here counts as passed for them.",
      place: first.place,
      ...(parts.length > 1 ? { parts } : {}),
    },
  ];
}

/** Deeper than any template lies. */
const deepest = 14;

/** A list `containers` of which a member has an image, or a power that only pods ask for. */
function holdsPod(node: TreeNode, depth: number): boolean {
  if (depth > deepest || node.kind === "scalar") return false;
  if (node.kind === "sequence") return node.items.some((item) => holdsPod(item, depth + 1));
  if (["hostNetwork", "hostPID", "hostIPC", "privileged"].some((key) => isTrue(child(node, key)))) return true;
  const containers = child(node, "containers");
  if (containers?.kind === "sequence" && containers.items.some((item) => child(item, "image") !== undefined))
    return true;
  return [...node.entries.values()].some(({ value }) => holdsPod(value, depth + 1));
}

function isTrue(node: TreeNode | undefined): boolean {
  return node?.kind === "scalar" && node.value === true;
}
