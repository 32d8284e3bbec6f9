/** Files by which a kustomization tells kustomize of fields of its own kinds. Source: `api/internal/plugins/builtinconfig`. */
import type { TreeNode } from "../../../../formats/tree.ts";
import { itemsOf, textAt, valueAt } from "../nodes.ts";
import type { FieldSpec } from "./field-specs.ts";
import type { Kustomization } from "./kustomization.ts";
import type { NameReference } from "./name-references.ts";
import type { TargetFiles } from "./target-files.ts";
import { type MoreFields, readFieldSpec } from "./transform.ts";

export interface Configuration extends MoreFields {
  readonly nameReferences: readonly NameReference[];
  readonly variables: readonly FieldSpec[];
}

export const noConfiguration: Configuration = {
  namespaces: [],
  commonLabels: [],
  templateLabels: [],
  commonAnnotations: [],
  images: [],
  replicas: [],
  nameReferences: [],
  variables: [],
};

export function readConfigurations(kustomization: Kustomization, files: TargetFiles): Configuration {
  return kustomization.configurations
    .flatMap((path) => files.documents(path))
    .map(configurationOf)
    .reduce(joined, noConfiguration);
}

function configurationOf(document: TreeNode): Configuration {
  const specs = (key: string): readonly FieldSpec[] =>
    itemsOf(valueAt(document, key)).flatMap((node) => readFieldSpec(node) ?? []);
  return {
    namespaces: specs("namespace").filter(({ path }) => path.join("/") !== "metadata/namespace"),
    commonLabels: specs("commonLabels"),
    templateLabels: specs("templateLabels"),
    commonAnnotations: specs("commonAnnotations"),
    images: specs("images"),
    replicas: specs("replicas"),
    nameReferences: itemsOf(valueAt(document, "nameReference")).map(referenceOf),
    variables: specs("varReference"),
  };
}

function referenceOf(node: TreeNode): NameReference {
  const to = {
    group: textAt(node, "group") ?? "",
    version: textAt(node, "version") ?? "",
    kind: textAt(node, "kind") ?? "",
  };
  return { to, from: itemsOf(valueAt(node, "fieldSpecs")).flatMap((field) => readFieldSpec(field) ?? []) };
}

export function joined(one: Configuration, other: Configuration): Configuration {
  return {
    namespaces: [...one.namespaces, ...other.namespaces],
    commonLabels: [...one.commonLabels, ...other.commonLabels],
    templateLabels: [...one.templateLabels, ...other.templateLabels],
    commonAnnotations: [...one.commonAnnotations, ...other.commonAnnotations],
    images: [...one.images, ...other.images],
    replicas: [...one.replicas, ...other.replicas],
    nameReferences: [...one.nameReferences, ...other.nameReferences],
    variables: [...one.variables, ...other.variables],
  };
}
