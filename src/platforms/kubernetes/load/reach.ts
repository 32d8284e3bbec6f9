/** Which files a kustomization leads to, told from what it names: without building it. */
import { posix } from "node:path";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { type ConfinedFiles, normalise } from "../../../repository/files.ts";
import type { Catalogue } from "./catalogue.ts";
import { itemsOf, textOf, valueAt } from "./nodes.ts";

/** What one kustomization names within this folder. */
interface Named {
  readonly component: boolean;
  /** Folders with kustomizations of their own. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** Files whose content generators take. */
  readonly data: readonly string[];
}

const listsOfPaths = [
  "resources",
  "bases",
  "components",
  "patchesStrategicMerge",
  "crds",
  "configurations",
  "generators",
  "transformers",
  "validators",
];
const listsWithPaths = ["patches", "patchesJson6902", "replacements"];

const nothingNamed: Named = { component: false, folders: [], files: [], data: [] };

/** The kustomizations of a repository, and what leads to what. */
export class KustomizationGraph {
  readonly #files: ConfinedFiles;
  readonly #catalogue: Catalogue;
  readonly #named = new Map<string, Named>();

  constructor(files: ConfinedFiles, catalogue: Catalogue) {
    this.#files = files;
    this.#catalogue = catalogue;
  }

  /** Folders whose kustomization no other one names, and that are no components. In the order of the catalogue. */
  roots(): readonly string[] {
    const folders = [...this.#catalogue.kustomizations.keys()];
    const named = new Set(
      folders.flatMap((folder) => this.#namedBy(folder).folders.filter((other) => other !== folder)),
    );
    const roots = folders.filter((folder) => !named.has(folder) && !this.#namedBy(folder).component);
    // In a circle each is named by another: the first stands for all, so that somebody says what is wrong.
    const reached = new Set(roots.flatMap((folder) => [...this.foldersFrom(folder)]));
    for (const folder of folders) {
      if (reached.has(folder) || this.#namedBy(folder).component) continue;
      roots.push(folder);
      for (const other of this.foldersFrom(folder)) reached.add(other);
    }
    return roots;
  }

  /** The folder itself and every folder that its kustomization leads to. */
  foldersFrom(folder: string): ReadonlySet<string> {
    const seen = new Set<string>();
    const waiting = [folder];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next) || !this.#catalogue.kustomizations.has(next)) continue;
      seen.add(next);
      waiting.push(...this.#namedBy(next).folders);
    }
    return seen;
  }

  /** Every file that the kustomization of a folder is made of. */
  filesFrom(folder: string): readonly string[] {
    return [...this.foldersFrom(folder)].flatMap((each) => [
      this.#catalogue.kustomizations.get(each) ?? "",
      ...this.#namedBy(each).files,
    ]);
  }

  /** Files whose content becomes the data of generated objects: no manifests, whatever they look like. */
  dataFiles(): readonly string[] {
    return [...this.#catalogue.kustomizations.keys()].flatMap((folder) => this.#namedBy(folder).data);
  }

  #namedBy(folder: string): Named {
    const known = this.#named.get(folder);
    if (known !== undefined) return known;
    const named = this.#read(folder);
    this.#named.set(folder, named);
    return named;
  }

  #read(folder: string): Named {
    const path = this.#catalogue.kustomizations.get(folder);
    const file = path === undefined ? undefined : this.#files.glance(path);
    if (file?.ok !== true) return nothingNamed;
    const root = parseYaml(file.source, file.text).documents.find((document) => document.kind === "mapping");
    if (root?.kind !== "mapping") return nothingNamed;
    const paths = pathsIn(root).flatMap((text) => within(folder, text) ?? []);
    return {
      component: textOf(valueAt(root, "kind")) === "Component",
      folders: paths.filter((each) => this.#catalogue.kustomizations.has(each)),
      files: paths.filter((each) => this.#files.exists(each)),
      data: dataIn(root).flatMap((text) => within(folder, text) ?? []),
    };
  }
}

function within(folder: string, text: string): string | undefined {
  return text.startsWith("/") || text.includes("\n")
    ? undefined
    : normalise(posix.join(folder === "" ? "." : folder, text));
}

function pathsIn(root: MappingNode): readonly string[] {
  const texts = (nodes: readonly (TreeNode | undefined)[]): readonly string[] =>
    nodes.flatMap((node) => textOf(node) ?? []);
  return [
    ...listsOfPaths.flatMap((key) => texts(itemsOf(valueAt(root, key)))),
    ...listsWithPaths.flatMap((key) => texts(itemsOf(valueAt(root, key)).map((item) => valueAt(item, "path")))),
    // Once a list of paths, and still taken as one.
    ...texts(itemsOf(valueAt(root, "patches"))),
    ...texts([valueAt(root, "openapi", "path")]),
  ];
}

/** `key=path` or a path alone. */
function dataIn(root: MappingNode): readonly string[] {
  const generators = ["configMapGenerator", "secretGenerator"].flatMap((key) => itemsOf(valueAt(root, key)));
  const texts = generators.flatMap((generator) =>
    ["files", "envs"].flatMap((key) => itemsOf(valueAt(generator, key)).flatMap((item) => textOf(item) ?? [])),
  );
  return texts.map((text) => text.slice(text.indexOf("=") + 1));
}
