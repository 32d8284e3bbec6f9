/** The text of one kustomization, read with its places. Source: kustomize v5.7.1, `api/types/kustomization.go`. */
import { posix } from "node:path";
import { isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { didYouMean } from "../../../../lib/suggest.ts";
import { isNothing, itemsOf, type Text, valueAt } from "../nodes.ts";

/** The names under which kustomize looks for one; there must be one of them in a folder. */
export const kustomizationNames: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

export function isKustomizationName(path: string): boolean {
  return kustomizationNames.includes(path.slice(path.lastIndexOf("/") + 1));
}

/** Says what is wrong, at a place of the file. */
export type Report = (message: string, place: Place, hint?: string) => void;

export interface PatchEntry {
  /** The file that holds it, or undefined for an inline one. */
  readonly path: Text | undefined;
  readonly patch: Text | undefined;
  readonly target: TreeNode | undefined;
  readonly allowNameChange: boolean;
  readonly allowKindChange: boolean;
  readonly place: Place;
}

export interface LabelEntry {
  readonly pairs: MappingNode | undefined;
  readonly selectors: boolean;
  readonly templates: boolean;
  readonly fields: readonly TreeNode[];
}

/** What a kustomization asks for. Lists are empty where it asks for nothing. */
export interface Kustomization {
  /** Relative to the root. */
  readonly path: string;
  readonly folder: string;
  readonly component: boolean;
  readonly place: Place;
  readonly resources: readonly Text[];
  readonly components: readonly Text[];
  readonly namespace: Text | undefined;
  readonly namePrefix: Text | undefined;
  readonly nameSuffix: Text | undefined;
  readonly labels: readonly LabelEntry[];
  readonly commonLabels: MappingNode | undefined;
  readonly commonAnnotations: MappingNode | undefined;
  readonly images: readonly MappingNode[];
  readonly replicas: readonly MappingNode[];
  readonly patches: readonly PatchEntry[];
  /** Files or inline texts of the old `patchesStrategicMerge`. */
  readonly patchesStrategicMerge: readonly Text[];
  readonly patchesJson6902: readonly PatchEntry[];
  readonly configMapGenerator: readonly MappingNode[];
  readonly secretGenerator: readonly MappingNode[];
  readonly generatorOptions: MappingNode | undefined;
  readonly replacements: readonly MappingNode[];
  readonly vars: readonly MappingNode[];
  readonly configurations: readonly Text[];
  /** What makes objects that cannot be made here: charts, and plug-ins under these fields. */
  readonly helmCharts: readonly MappingNode[];
  readonly generators: readonly Text[];
  readonly transformers: readonly Text[];
}

const known: readonly string[] = [
  "apiVersion",
  "kind",
  "metadata",
  "openapi",
  "namePrefix",
  "nameSuffix",
  "namespace",
  "commonLabels",
  "labels",
  "commonAnnotations",
  "patchesStrategicMerge",
  "patchesJson6902",
  "patches",
  "images",
  "imageTags",
  "replacements",
  "replicas",
  "vars",
  "sortOptions",
  "resources",
  "components",
  "crds",
  "bases",
  "configMapGenerator",
  "secretGenerator",
  "helmGlobals",
  "helmCharts",
  "helmChartInflationGenerator",
  "generatorOptions",
  "configurations",
  "generators",
  "transformers",
  "validators",
  "inventory",
  "buildMetadata",
];

/** Source: kustomize v5.7.1, `api/types/fix.go`: `patches` with a text in it is read as `patchesStrategicMerge`. */
function oldPatches(field: FieldReader): readonly Text[] {
  return field.hasTexts("patches") ? field.texts("patches", "a list of paths alone, or of mappings alone") : [];
}

/** A kustomization that asks for nothing, as Flux makes one for a folder that has none. */
export function emptyKustomization(folder: string, place: Place): Kustomization {
  const root: MappingNode = { kind: "mapping", entries: new Map(), place };
  return readKustomization(posix.join(folder, "kustomization.yaml"), root, () => {});
}

/** Reads a kustomization. What is wrong in it is reported and left out. */
export function readKustomization(path: string, root: MappingNode, report: Report): Kustomization {
  const folder = posix.dirname(path);
  const field = new FieldReader(root, report);
  field.refuseUnknown();
  field.refuseOtherValues();
  return {
    path,
    folder: folder === "." ? "" : folder,
    component: field.isComponent(),
    place: root.place,
    resources: [...field.texts("resources"), ...field.texts("bases")],
    components: field.texts("components"),
    namespace: field.text("namespace"),
    namePrefix: field.text("namePrefix"),
    nameSuffix: field.text("nameSuffix"),
    labels: field.mappings("labels").map((label) => labelEntry(label)),
    commonLabels: field.mapping("commonLabels"),
    commonAnnotations: field.mapping("commonAnnotations"),
    images: [...field.mappings("images"), ...field.mappings("imageTags")],
    replicas: field.mappings("replicas"),
    patches: field.hasTexts("patches") ? [] : field.mappings("patches").map((patch) => patchEntry(patch)),
    patchesStrategicMerge: [...field.texts("patchesStrategicMerge"), ...oldPatches(field)],
    patchesJson6902: field.mappings("patchesJson6902").map((patch) => patchEntry(patch)),
    configMapGenerator: field.mappings("configMapGenerator"),
    secretGenerator: field.mappings("secretGenerator"),
    generatorOptions: field.mapping("generatorOptions"),
    replacements: field.mappings("replacements"),
    vars: field.mappings("vars"),
    configurations: field.texts("configurations"),
    helmCharts: [...field.mappings("helmCharts"), ...field.mappings("helmChartInflationGenerator")],
    generators: field.texts("generators"),
    transformers: field.texts("transformers"),
  };
}

export function patchEntry(node: MappingNode): PatchEntry {
  return {
    path: asText(valueAt(node, "path")),
    patch: asText(valueAt(node, "patch")),
    target: valueAt(node, "target"),
    allowNameChange: isTrue(valueAt(node, "options", "allowNameChange")),
    allowKindChange: isTrue(valueAt(node, "options", "allowKindChange")),
    place: node.place,
  };
}

function labelEntry(node: MappingNode): LabelEntry {
  const pairs = valueAt(node, "pairs");
  const fields = valueAt(node, "fields") ?? valueAt(node, "fieldSpecs");
  return {
    pairs: pairs?.kind === "mapping" ? pairs : undefined,
    selectors: isTrue(valueAt(node, "includeSelectors")),
    templates: isTrue(valueAt(node, "includeTemplates")),
    fields: itemsOf(fields),
  };
}

/** A text with its place; undefined for what kustomize does not take for one, such as a number. */
export function asText(node: TreeNode | undefined): Text | undefined {
  if (node?.kind !== "scalar" || typeof node.value !== "string" || node.unresolved !== undefined) return undefined;
  return { text: node.value, place: node.place };
}

/** Fields that hold texts, or mappings of texts, within the entries of lists. */
const textsWithin: Readonly<Record<string, readonly string[]>> = {
  images: ["name", "newName", "newTag", "digest"],
  configMapGenerator: ["name", "namespace", "behavior"],
  secretGenerator: ["name", "namespace", "behavior", "type"],
  labels: ["pairs"],
  replicas: ["name"],
  patches: ["path", "patch"],
};

/** The fields of a kustomization, each of the kind that kustomize wants. */
class FieldReader {
  readonly #root: MappingNode;
  readonly #report: Report;

  constructor(root: MappingNode, report: Report) {
    this.#root = root;
    this.#report = report;
  }

  isComponent(): boolean {
    const kind = this.text("kind")?.text ?? "Kustomization";
    if (kind !== "Kustomization" && kind !== "Component") {
      this.#report(
        `The kind of a kustomization is \`Kustomization\` or \`Component\`; this is \`${kind}\`.`,
        this.#value("kind")?.place ?? this.#root.place,
      );
    }
    return kind === "Component";
  }

  refuseUnknown(): void {
    for (const { key, keyPlace } of this.#root.entries.values()) {
      if (known.includes(key) || key.startsWith("x-")) continue;
      const message = `A kustomization has no field \`${key}\`; kustomize refuses the file.${didYouMean(key, known)}`;
      this.#report(message, keyPlace, "Correct its name or remove it.");
    }
  }

  /** Texts that are written so that they are none, wherever kustomize wants one. */
  refuseOtherValues(): void {
    for (const key of ["commonLabels", "commonAnnotations"]) {
      const node = this.#value(key);
      if (node?.kind === "mapping") this.#checkTexts(node, key);
    }
    for (const [key, fields] of Object.entries(textsWithin)) {
      for (const item of itemsOf(this.#value(key))) {
        for (const field of fields) this.#checkTexts(valueAt(item, field), `${key}.${field}`);
      }
    }
  }

  #checkTexts(node: TreeNode | undefined, name: string): void {
    if (node?.kind === "mapping")
      for (const { key, value } of node.entries.values()) this.#checkTexts(value, `${name}.${key}`);
    else if (!isNothing(node) && asText(node) === undefined && node !== undefined)
      this.#wrong(name, "a text", node.place);
  }

  text(key: string): Text | undefined {
    const node = this.#value(key);
    const text = asText(node);
    if (node !== undefined && text === undefined) this.#wrong(key, "a text", node.place);
    return text;
  }

  hasTexts(key: string): boolean {
    return itemsOf(this.#value(key)).some((item) => asText(item) !== undefined);
  }

  texts(key: string, expected = "a list of texts"): readonly Text[] {
    return this.#members(key).flatMap((item) => {
      const text = asText(item);
      if (text === undefined && !isNothing(item)) this.#wrong(key, expected, item.place);
      return text === undefined ? [] : [text];
    });
  }

  mapping(key: string): MappingNode | undefined {
    const node = this.#value(key);
    if (node === undefined || node.kind === "mapping") return node;
    this.#wrong(key, "a mapping", node.place);
    return undefined;
  }

  mappings(key: string): readonly MappingNode[] {
    return this.#members(key).flatMap((item) => {
      if (item.kind === "mapping") return [item];
      if (!isNothing(item)) this.#wrong(key, "a list of mappings", item.place);
      return [];
    });
  }

  #members(key: string): readonly TreeNode[] {
    const node = this.#value(key);
    if (node === undefined || node.kind === "sequence") return itemsOf(node);
    this.#wrong(key, "a list", node.place);
    return [];
  }

  #value(key: string): TreeNode | undefined {
    const node = valueAt(this.#root, key);
    return isNothing(node) ? undefined : node;
  }

  #wrong(key: string, expected: string, place: Place): void {
    const message = `\`${key}\` of a kustomization is ${expected}; this is something else, which kustomize refuses.`;
    this.#report(message, place, expected === "a text" ? "Put it in quotes." : undefined);
  }
}
