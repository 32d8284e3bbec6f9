import { type Fact, knownValue, unstated } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, metadataOf, specOf } from "../context.ts";
import { type Labels, labelsOf, whyOpen } from "../labels.ts";
import { type ControllerName, controllerOf } from "./controllers.ts";

/** How an Ingress says which program is to serve it. */
export interface ServingClass {
  /** Undefined where it cannot be told. */
  readonly program: ControllerName | undefined;
  readonly name: string | undefined;
  /** `controller` of the IngressClass, where that is among the files. */
  readonly controller: string | undefined;
  /** Whether the name stands in the annotation of old, which asks for no IngressClass. */
  readonly byAnnotation: boolean;
}

const annotation = "kubernetes.io/ingress.class";
const defaultClass = "ingressclass.kubernetes.io/is-default-class";
const nobody: ServingClass = { program: undefined, name: undefined, controller: undefined, byAnnotation: false };

/**
 * The class that an Ingress names, or the default one where that is among the files. Source: Kubernetes documentation
 * "Ingress class" (the annotation is older than the field, and the field wins).
 */
export function servingClass(
  object: KubernetesObject,
  spec: Fields,
  annotations: Labels,
  context: ClusterContext,
): ServingClass {
  const field = spec.fact("ingressClassName", asText, "a name", unstated);
  if (object.encrypted || field.kind === "unknown") return nobody;
  if (field.kind === "unstated" && whyOpen(annotations, annotation) !== undefined) return nobody;
  const byAnnotation = field.kind === "unstated" && annotations.values.has(annotation);
  const named = knownValue(field) ?? annotations.values.get(annotation);
  const classes = context.ofKind("networking.k8s.io", "IngressClass");
  const found = named === undefined ? classes.find(isDefault) : classes.find((each) => each.name === named);
  const name = named ?? found?.name;
  const stated: Fact<string> | undefined = found && specOf(found).fact("controller", asText, "a name", unstated);
  if (stated?.kind === "unknown") return { ...nobody, name };
  const controller = stated && knownValue(stated);
  return { program: controllerOf(controller, name), name, controller, byAnnotation };
}

function isDefault(object: KubernetesObject): boolean {
  return labelsOf(metadataOf(object), "annotations").values.get(defaultClass) === "true";
}
