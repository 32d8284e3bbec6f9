/**
 * Which clusters the files of a repository are for: one for each entry of Flux or Argo CD, one for each kustomization
 * that nothing names, one for the manifests that nothing names.
 */

import type { InputProblem } from "../../../facts/system.ts";
import { folderOf } from "../../../lib/folder-of.ts";
import { type Place, Source, wholeFile } from "../../../lib/place.ts";
import type { Repository } from "../../../repository/repository.ts";
import type { FoundProject } from "../../reader.ts";
import type { KubernetesManifests, UnseenObjects } from "../objects.ts";
import { type Catalogue, catalogueOf, foldersAbove } from "./catalogue.ts";
import { DeliveryEntries } from "./delivery/delivery-entries.ts";
import { loadFiles, loadKustomization, manifestsFrom } from "./load.ts";
import { groupLoose } from "./loose.ts";
import { KustomizationGraph } from "./reach.ts";
import { LoadSession } from "./session.ts";

/** One cluster, with how it is loaded. */
export interface PlannedCluster {
  readonly project: FoundProject;
  readonly load: () => KubernetesManifests;
  /** Whether Flux or Argo CD applies it. */
  readonly isDelivered: boolean;
}

export interface Plan {
  readonly clusters: readonly PlannedCluster[];
  readonly problems: readonly InputProblem[];
  /** Further files that are accounted for: patches, templates of charts, what nobody applies. */
  readonly owned: readonly string[];
}

export function planClusters(repository: Repository): Plan {
  const catalogue = catalogueOf(repository);
  if (
    catalogue.manifests.size + catalogue.kustomizations.size + catalogue.charts.length + catalogue.templates.length ===
    0
  ) {
    return { clusters: [], problems: [], owned: [] };
  }
  return new Planner(repository, catalogue).plan();
}

class Planner {
  readonly #repository: Repository;
  readonly #catalogue: Catalogue;
  readonly #graph: KustomizationGraph;
  /** Files that a cluster is made of. */
  readonly #taken = new Set<string>();
  readonly #clusters: PlannedCluster[] = [];
  readonly #idle: string[] = [];

  constructor(repository: Repository, catalogue: Catalogue) {
    this.#repository = repository;
    this.#catalogue = catalogue;
    this.#graph = new KustomizationGraph(repository.files, catalogue);
  }

  plan(): Plan {
    const governed = this.#delivered();
    for (const folder of this.#graph.roots()) this.#root(folder, governed);
    this.#loose(governed);
    const all = [...this.#catalogue.kustomizations.values(), ...this.#named(), ...this.#catalogue.chartFiles];
    const owned = [...new Set([...all, ...this.#idle, ...this.#catalogue.charts])].filter(
      (path) => !this.#taken.has(path),
    );
    return { clusters: this.#clusters, problems: [...this.#catalogue.problems, ...this.#idleNote()], owned };
  }

  /** Every file that some kustomization is made of. */
  #named(): readonly string[] {
    return [...this.#catalogue.kustomizations.keys()].flatMap((folder) => this.#graph.filesFrom(folder));
  }

  /** The clusters of Flux and Argo CD; gives the folders of which a Kustomization says what is applied. */
  #delivered(): readonly string[] {
    const entries = new DeliveryEntries(this.#repository, this.#catalogue, this.#graph);
    for (const { name, objects, session } of entries.clusters()) {
      const files = session.sources.map((source) => this.#repository.pathOf(source.path));
      const manifests = manifestsFrom(this.#nameOf(name), objects, session);
      this.#add(files, () => manifests, true);
    }
    return entries.governed;
  }

  #root(folder: string, governed: readonly string[]): void {
    const files = this.#graph.filesFrom(folder);
    const [own = ""] = files;
    if (this.#taken.has(own)) return;
    if (governed.some((other) => isBelow(folder, other)))
      this.#idle.push(...files.filter((path) => !this.#taken.has(path)));
    else this.#add(files, () => loadKustomization(this.#repository.files, this.#nameOf(folder), folder));
  }

  #loose(governed: readonly string[]): void {
    const named = new Set([...this.#named(), ...this.#graph.dataFiles(), ...this.#taken]);
    const isIdle = (path: string): boolean =>
      foldersAbove(path).some(
        (folder, index) => this.#catalogue.kustomizations.has(folder) && (folder !== "" || index === 0),
      ) || governed.some((folder) => folder !== "" && isBelow(path, folder));
    const loose = [...this.#catalogue.manifests.keys()].filter((path) => !named.has(path));
    this.#idle.push(...loose.filter(isIdle));
    const groups = groupLoose(
      loose.filter((path) => !isIdle(path)),
      this.#catalogue.manifests,
    );
    const unseen = this.#unseenFiles();
    for (const [index, { folder, paths }] of groups.entries())
      this.#looseCluster(folder, paths, index === 0 ? unseen : []);
    if (groups.length === 0 && unseen.length > 0) this.#looseCluster("", [], unseen);
  }

  #looseCluster(folder: string, paths: readonly string[], unseen: readonly UnseenObjects[]): void {
    const files = paths.length > 0 ? paths : [...this.#catalogue.charts, ...this.#catalogue.templates];
    this.#add(files, () => {
      const session = new LoadSession(this.#repository.files);
      session.unseen.push(...unseen);
      return loadFiles(session, this.#nameOf(folder), paths);
    });
  }

  /** The charts and templates of the repository. */
  #unseenFiles(): readonly UnseenObjects[] {
    const at = (path: string) => wholeFile(new Source(this.#repository.nameOf(path), ""));
    // Where Flux or Argo CD installs charts, those that it does are told as such, and the others nobody installs.
    const own = this.#clusters.some(({ isDelivered }) => isDelivered) ? [] : this.#catalogue.charts;
    const charts = own.map((path) => ({
      kind: "chart" as const,
      what: `the chart ${folderOf(path) === "" ? this.#repository.name : folderOf(path)}`,
      why: "its templates are not rendered here; give the output of `helm template` with --rendered",
      namespace: undefined,
      place: at(path),
    }));
    const templates = this.#catalogue.templates.map((path) => ({
      kind: "template" as const,
      what: path,
      why: "it is a template; give what it makes with --rendered",
      namespace: undefined,
      place: at(path),
    }));
    return [...charts, ...templates];
  }

  #add(files: readonly string[], load: () => KubernetesManifests, isDelivered = false): void {
    for (const path of files) this.#taken.add(path);
    this.#clusters.push({ project: { files: [...new Set(files)] }, load, isDelivered });
  }

  #nameOf(folder: string): string {
    return folder === "" ? this.#repository.name : folder;
  }

  /** What lies where a kustomization or Flux says what is applied, and is not among that. */
  #idleNote(): readonly InputProblem[] {
    const paths = [...new Set(this.#idle)].filter((path) => this.#catalogue.manifests.has(path));
    const [first] = paths;
    if (first === undefined) return [];
    const at = (path: string): Place => wholeFile(new Source(this.#repository.nameOf(path), ""));
    const part = (path: string): InputProblem => ({
      severity: "warning",
      message: "No kustomization of the folders around names this file.",
      place: at(path),
    });
    const many = paths.length === 1 ? "1 manifest is" : `${paths.length} manifests are`;
    const rest = paths.length === 1 ? "" : ` and ${paths.length - 1} more`;
    return [
      {
        severity: "warning",
        message: `${many} named by no kustomization of the folders around, and not judged: ${first}${rest}.`,
        hint: "Name them under `resources` where they are to be applied; remove them where they are not.",
        place: at(first),
        ...(paths.length > 1 ? { parts: paths.map(part) } : {}),
      },
    ];
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}
