/** Where the values of Flux's variables come from. */
import { child, isTrue, type TreeNode } from "../../../../formats/tree.ts";
import type { KubernetesObject } from "../../objects.ts";
import { entriesOf, isNothing, itemsOf, textAt, textOf, valueAt } from "../nodes.ts";
import type { Variable } from "./envsubst.ts";
import type { Variables } from "./substitute.ts";

/** A ConfigMap or Secret that a Kustomization takes variables from. */
export interface VariableSource {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly namespace: string;
  readonly optional: boolean;
}

/** Gives the object that a source names; undefined where it is not in the files. */
export type FindSource = (source: VariableSource) => KubernetesObject | undefined;

/** The sources that a Flux Kustomization names, in order: the last that has a variable counts. */
export function variableSources({ node, namespace = "" }: KubernetesObject): readonly VariableSource[] {
  return itemsOf(valueAt(node, "spec", "postBuild", "substituteFrom")).flatMap((item) => {
    const kind = textAt(item, "kind");
    const name = textAt(item, "name");
    if ((kind !== "ConfigMap" && kind !== "Secret") || name === undefined) return [];
    return [{ kind, name, namespace, optional: isTrue(valueAt(item, "optional")) }];
  });
}

/** The variables of a Flux Kustomization, or undefined when it substitutes nothing. */
export function variablesOf(kustomization: KubernetesObject, find: FindSource): Variables | undefined {
  const postBuild = valueAt(kustomization.node, "spec", "postBuild");
  const inline = valueAt(postBuild, "substitute");
  const sources = variableSources(kustomization);
  const always = textAt(postBuild, "substituteStrategy") === "Always";
  if (!always && entriesOf(inline).length === 0 && sources.length === 0) return undefined;
  const known = new Map<string, Variable>();
  const missing: string[] = [];
  for (const source of sources) {
    const object = find(source);
    if (object !== undefined) for (const [name, value] of valuesOf(object)) known.set(name, value);
    else if (!source.optional)
      missing.push(`it comes from the ${source.kind} ${source.name}, which is not in the files`);
  }
  for (const { key, value } of entriesOf(inline)) known.set(key, variableOf(value));
  const [why] = missing;
  return (name) => known.get(name) ?? (why === undefined ? undefined : { why });
}

function valuesOf(object: KubernetesObject): ReadonlyMap<string, Variable> {
  const plain = [...entriesOf(child(object.node, "data")), ...entriesOf(child(object.node, "stringData"))];
  return new Map(
    plain.map(({ key, value }) => {
      const isEncoded = object.kind === "Secret" && child(child(object.node, "data"), key) === value;
      return [key, variableOf(value, isEncoded, object)] as const;
    }),
  );
}

function variableOf(node: TreeNode, isEncoded = false, from?: KubernetesObject): Variable {
  if (node.kind === "scalar" && node.unresolved !== undefined) {
    const where = from === undefined ? "" : `it comes from the ${from.kind} ${from.name}; `;
    return {
      why:
        from?.encrypted === true
          ? `it comes from the ${from.kind} ${from.name}, which is encrypted`
          : `${where}${node.unresolved}`,
    };
  }
  if (isNothing(node)) return { value: "" };
  const text = textOf(node) ?? "";
  return { value: (isEncoded ? Buffer.from(text, "base64").toString("utf8") : text).replaceAll("\n", "") };
}
