/** Where Flux and Argo CD begin: the files with Kustomizations and Applications that no other one applies. */
import { posix } from "node:path";
import { folderOf } from "../../../../lib/folder-of.ts";
import type { Repository } from "../../../../repository/repository.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type Catalogue, foldersAbove } from "../catalogue.ts";
import { buildKustomization } from "../kustomize/build.ts";
import { objectsIn, toObject } from "../objects-in.ts";
import type { KustomizationGraph } from "../reach.ts";
import { refusedByKubectl } from "../refused-objects.ts";
import { LoadSession } from "../session.ts";
import { applicationsOf, folderSources, isApplication, isApplicationSet } from "./argo-application.ts";
import { DeliveredCluster } from "./delivered-cluster.ts";
import { isFluxKustomization, pathOf, sourceOf } from "./flux-kustomization.ts";
import type { VariableSource } from "./variables.ts";

export interface LoadedCluster {
  /** The folder that it begins in. */
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly session: LoadSession;
}

/** Files that are applied together, and hold Kustomizations. */
interface Unit {
  readonly folder: string;
  /** Whether the folder's kustomization is what is applied; otherwise it is its files. */
  readonly built: boolean;
  /** Those with Kustomizations. */
  readonly files: readonly string[];
}

export class DeliveryEntries {
  readonly #repository: Repository;
  readonly #catalogue: Catalogue;
  readonly #graph: KustomizationGraph;
  readonly #governed: string[] = [];

  constructor(repository: Repository, catalogue: Catalogue, graph: KustomizationGraph) {
    this.#repository = repository;
    this.#catalogue = catalogue;
    this.#graph = graph;
  }

  /** The folders that Kustomizations lead to; what lies in them and is not applied, nobody applies. */
  get governed(): readonly string[] {
    return this.#governed;
  }

  /** Every cluster, with all that its entry leads to. */
  clusters(): readonly LoadedCluster[] {
    const units = this.#units();
    const applied = this.#applied(units);
    const clusters: LoadedCluster[] = [];
    const seen = new Set<string>();
    for (const unit of [...units].sort((a, b) => Number(applied.has(a)) - Number(applied.has(b)))) {
      const isIdle = this.#governed.some((folder) => folder !== "" && isBelow(unit.folder, folder));
      if (isIdle || unit.files.every((path) => seen.has(path))) continue;
      const cluster = this.#load(unit);
      for (const source of cluster.session.sources) seen.add(this.#repository.pathOf(source.path));
      clusters.push(cluster);
    }
    return clusters;
  }

  #units(): readonly Unit[] {
    const delivering = [...this.#catalogue.manifests].filter(([, { delivers }]) => delivers).map(([path]) => path);
    if (delivering.length === 0) return [];
    const rootOf = new Map<string, string>();
    for (const root of this.#graph.roots()) {
      for (const path of this.#graph.filesFrom(root)) if (!rootOf.has(path)) rootOf.set(path, root);
    }
    const units = new Map<string, { folder: string; built: boolean; files: string[] }>();
    for (const path of delivering) {
      const root = rootOf.get(path);
      const folder = root ?? folderOf(path);
      const key = `${root !== undefined} ${folder}`;
      const unit = units.get(key);
      if (unit === undefined) units.set(key, { folder, built: root !== undefined, files: [path] });
      else unit.files.push(path);
    }
    return [...units.values()];
  }

  /**
   * The units that a Kustomization of another one seems to apply, or that lie where another one says what is applied. Of
   * two that apply one another, the second.
   */
  #applied(units: readonly Unit[]): ReadonlySet<Unit> {
    const unitOf = new Map(units.flatMap((unit) => unit.files.map((path) => [path, unit] as const)));
    const reached = new Map(units.map((unit) => [unit, this.#reachedFrom(unit, units, unitOf)] as const));
    const applies = (one: Unit, other: Unit): boolean => reached.get(one)?.has(other) === true;
    return new Set(
      units.filter((unit, index) =>
        units.some((other, at) => other !== unit && applies(other, unit) && (at < index || !applies(unit, other))),
      ),
    );
  }

  #reachedFrom(unit: Unit, units: readonly Unit[], unitOf: ReadonlyMap<string, Unit>): ReadonlySet<Unit> {
    const targets = this.#targets(unit);
    return new Set([
      ...targets.flatMap((folder) => this.#filesBelow(folder).flatMap((path) => unitOf.get(path) ?? [])),
      ...targets.flatMap((folder) => units.filter((other) => folder !== "" && isBelow(other.folder, folder))),
    ]);
  }

  /** The folders that a unit's Kustomizations name, as far as their text tells. */
  #targets(unit: Unit): readonly string[] {
    const session = new LoadSession(this.#repository.files);
    return unit.files
      .flatMap((path) => session.documents(path, "kubectl").flatMap((document) => objectsIn(document)))
      .flatMap((object) =>
        isApplicationSet(object) ? applicationsOf(object, this.#catalogue.folders.keys()) : [object],
      )
      .flatMap((object) => {
        const paths = isApplication(object)
          ? folderSources(object).map(({ path }) => path)
          : [isFluxKustomization(object) && !isOfTenant(object) ? pathOf(object) : undefined];
        return paths.flatMap((path) => (path === undefined ? [] : (this.#locate(path.text, object) ?? [])));
      });
  }

  #filesBelow(folder: string): readonly string[] {
    if (this.#catalogue.kustomizations.has(folder)) return this.#graph.filesFrom(folder);
    return (this.#catalogue.folders.get(folder) ?? []).flatMap((path) =>
      this.#catalogue.folders.has(path) ? this.#filesBelow(path) : [path],
    );
  }

  #load(unit: Unit): LoadedCluster {
    const session = new LoadSession(this.#repository.files);
    const cluster = new DeliveredCluster({
      session,
      catalogue: this.#catalogue,
      locate: (path, object) => this.#locate(path, object),
      loose: (source) => this.#loose(source, session),
    });
    cluster.apply(this.#objectsOf(unit, session));
    this.#governed.push(...cluster.folders);
    return { name: unit.folder, objects: cluster.objects, session };
  }

  #objectsOf({ folder, built }: Unit, session: LoadSession): readonly KubernetesObject[] {
    if (built) return buildKustomization(session, folder).flatMap(({ node }) => toObject(node) ?? []);
    const paths = (this.#catalogue.folders.get(folder) ?? []).filter((path) => this.#catalogue.manifests.has(path));
    const documents = paths.flatMap((path) => session.documents(path, "kubectl"));
    for (const problem of documents.flatMap(refusedByKubectl)) session.note(problem);
    return documents.flatMap((document) => objectsIn(document));
  }

  /** A ConfigMap or Secret that stands in one place of the repository alone. */
  #loose({ kind, name, namespace }: VariableSource, session: LoadSession): KubernetesObject | undefined {
    const paths = [...this.#catalogue.manifests].filter(([, { objects }]) =>
      objects.some((object) => object.kind === kind && object.name === name),
    );
    const found = paths
      .flatMap(([path]) => session.documents(path, "kubectl").flatMap((document) => objectsIn(document)))
      .filter((object) => object.kind === kind && object.name === name);
    const inNamespace = found.filter((object) => object.namespace === undefined || object.namespace === namespace);
    const fitting = inNamespace.length > 0 ? inNamespace : found;
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /**
   * A path is relative to the repository's root. That may be the folder that is checked, one around it, or one within it
   * that the object's own file lies in.
   */
  #locate(path: string, { place }: KubernetesObject): string | undefined {
    const { folders } = this.#catalogue;
    if (path === "" || folders.has(path)) return path;
    const outer = this.#outside(path);
    if (outer !== undefined || place.kind !== "file") return outer;
    return foldersAbove(this.#repository.pathOf(place.source.path))
      .map((folder) => posix.join(folder, path))
      .find((each) => folders.has(each));
  }

  /** The rest of a path that begins with the way to the folder that is checked. */
  #outside(path: string): string | undefined {
    const parts = path.split("/");
    for (let count = 1; count <= parts.length; count++) {
      const inner = parts.slice(count).join("/");
      const isHere = this.#repository.folder.endsWith(`/${parts.slice(0, count).join("/")}`);
      if (isHere && (inner === "" || this.#catalogue.folders.has(inner))) return inner;
    }
    return undefined;
  }
}

/** One that names no path, of a source of its own: a patch says which, and this text leads nowhere. */
function isOfTenant(kustomization: KubernetesObject): boolean {
  return pathOf(kustomization)?.text === "" && sourceOf(kustomization).name !== "flux-system";
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
