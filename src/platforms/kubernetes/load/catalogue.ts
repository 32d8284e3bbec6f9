import { posix } from "node:path";
import type { InputProblem } from "../../../facts/system.ts";
import { append } from "../../../lib/append.ts";
import { folderOf } from "../../../lib/folder-of.ts";
import type { FileFailure } from "../../../repository/file-failure.ts";
import type { Repository } from "../../../repository/repository.ts";
import { type Glance, glanceAt, mayHoldObjects } from "./glance.ts";
import { isKustomizationName } from "./kustomize/kustomization.ts";
import { isTemplateName } from "./templates.ts";

/** What a repository holds for Kubernetes, as far as a glance at each file tells. */
export interface Catalogue {
  /** Files with objects, by path. */
  readonly manifests: ReadonlyMap<string, Glance>;
  /** Folders with a kustomization (the root is empty), and its file. */
  readonly kustomizations: ReadonlyMap<string, string>;
  /** `Chart.yaml` of the author's own charts, and not of those that they bring along. */
  readonly charts: readonly string[];
  /** Files of charts, of which none is a manifest. */
  readonly chartFiles: readonly string[];
  /** Templates of manifests for other programs than Helm. */
  readonly templates: readonly string[];
  /** Files that may be manifests and cannot be read. */
  readonly problems: readonly InputProblem[];
  /** The files and folders in each folder, by name. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
}

export function catalogueOf(repository: Repository): Catalogue {
  const inside = new ChartFolders(repository.paths);
  const manifests = new Map<string, Glance>();
  const kustomizations = new Map<string, string>();
  const chartFiles: string[] = [];
  const templates: string[] = [];
  const problems: InputProblem[] = [];
  for (const path of repository.paths) {
    if (inside.holds(path)) {
      if (mayHoldObjects(path)) chartFiles.push(path);
      continue;
    }
    const isTemplate = isTemplateName(path);
    if (!isTemplate && !mayHoldObjects(path)) continue;
    const file = repository.files.glance(path);
    if (!file.ok) {
      if (/\.ya?ml$/i.test(path)) problems.push(unreadable(repository, path, file));
      continue;
    }
    const glance = glanceAt(path, file.text);
    if (isKustomizationName(path) && !glance.isFlux) kustomizations.set(folderOf(path), path);
    else if (glance.objects.length > 0) {
      if (isTemplate) templates.push(path);
      else manifests.set(path, glance);
    }
  }
  return {
    manifests,
    kustomizations,
    charts: inside.charts,
    chartFiles,
    templates,
    problems,
    folders: foldersOf(repository.paths),
  };
}

/** A file that the walk saw and that is not read: too large, not text, kept from this user. */
function unreadable(repository: Repository, path: string, { message }: FileFailure): InputProblem {
  return { severity: "warning", message, place: { kind: "object", locator: repository.nameOf(path) } };
}

/** What lies in each folder, directly. */
function foldersOf(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>();
  const known = new Set<string>();
  for (const path of paths) {
    let name = path;
    for (let folder = folderOf(path); ; folder = folderOf(folder)) {
      if (known.has(name)) break;
      known.add(name);
      append(folders, folder, name);
      if (folder === "") break;
      name = folder;
    }
  }
  return folders;
}

/** Which files belong to Helm charts: their templates, their CRDs, and everything of the charts that they bring along. */
class ChartFolders {
  readonly charts: readonly string[];
  readonly #folders: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    const all = paths.filter((path) => posix.basename(path) === "Chart.yaml");
    this.#folders = new Set(all.map(folderOf));
    this.charts = all.filter((path) => !this.#isBrought(folderOf(path)));
  }

  holds(path: string): boolean {
    if (this.#folders.size === 0) return false;
    return foldersAbove(path).some(
      (folder) => this.#folders.has(folder) && /^\/?(?:templates|crds|charts)\//.test(path.slice(folder.length)),
    );
  }

  #isBrought(chart: string): boolean {
    return foldersAbove(chart).some(
      (folder) => this.#folders.has(folder) && /^\/?charts\//.test(chart.slice(folder.length)),
    );
  }
}

/** The folders that a path lies in, the nearest first. */
export function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = path; folder !== ""; ) {
    folder = folderOf(folder);
    folders.push(folder);
  }
  return folders;
}
