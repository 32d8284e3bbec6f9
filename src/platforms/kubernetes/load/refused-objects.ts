/** Documents that are meant for a cluster and that `kubectl apply` refuses: nothing of them runs, and they are not judged. */
import type { InputProblem } from "../../../facts/system.ts";
import { child, type MappingNode, type TreeNode } from "../../../formats/tree.ts";
import { groupAndVersion } from "./kustomize/resource.ts";
import { textAt } from "./nodes.ts";
import { itemsOfList } from "./objects-in.ts";

/** Groups of the API server's own, whose kinds all begin with a capital. */
const ownGroups = /^(?:|apps|batch|extensions|autoscaling|policy|(?:networking|rbac\.authorization|storage)\.k8s\.io)$/;

/**
 * What `kubectl` finds fault with in one document, or in each member of a `List`: `kind` and `metadata` of an object without an `apiVersion`, a kind in
 * small letters, a name that is no text. Source: kubectl 1.33 (`sigs.k8s.io/yaml` reads YAML 1.1: `y` and `n` are
 * true and false), seen to refuse each.
 */
export function refusedByKubectl(document: TreeNode): readonly InputProblem[] {
  if (document.kind !== "mapping") return [];
  const items = itemsOfList(document);
  if (items !== undefined) return items.flatMap((item) => [...withoutKind(item), ...refusedByKubectl(item)]);
  const kind = child(document, "kind");
  const shown = textAt(document, "kind");
  if (kind === undefined || shown === undefined) return [];
  if (isObjectWithoutVersion(document))
    return [warn(`This ${shown} has no \`apiVersion\`, without which kubectl refuses it.`, "Add it.", kind)];
  const { group, version } = groupAndVersion(textAt(document, "apiVersion") ?? "");
  if (version === "" || (group === "" && version !== "v1")) return [];
  if (/^[a-z]/.test(shown) && ownGroups.test(group)) {
    const message = `No kind is called \`${shown}\`: kinds begin with a capital, and kubectl refuses this one.`;
    return [warn(message, `Write \`kind: ${shown.charAt(0).toUpperCase()}${shown.slice(1)}\`.`, kind)];
  }
  return wrongNames(document);
}

/** Whether a document is an object but for its `apiVersion`. */
export function isObjectWithoutVersion(document: MappingNode): boolean {
  const name = textAt(document, "metadata", "name") ?? textAt(document, "metadata", "generateName");
  return child(document, "apiVersion") === undefined && name !== undefined;
}

/** A member of a list is meant for a cluster whatever it lacks. */
function withoutKind(item: TreeNode): readonly InputProblem[] {
  if (item.kind !== "mapping" || child(item, "metadata") === undefined || child(item, "kind") !== undefined) return [];
  return [warn("This member of a List has no `kind`, without which kubectl refuses it.", "Add it.", item)];
}

function wrongNames(document: MappingNode): readonly InputProblem[] {
  const metadata = child(document, "metadata");
  return ["name", "namespace"].flatMap((key) => {
    const node = child(metadata, key);
    if (node?.kind !== "scalar" || (typeof node.value !== "boolean" && typeof node.value !== "number")) return [];
    const is = typeof node.value === "boolean" ? `\`${node.value}\` in YAML 1.1` : "a number";
    return [warn(`\`metadata.${key}\` is ${is} and no text, which kubectl refuses.`, "Put it into quotes.", node)];
  });
}

function warn(message: string, hint: string, { place }: TreeNode): InputProblem {
  return { severity: "warning", message, hint, place };
}
