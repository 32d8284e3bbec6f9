import { posix } from "node:path";
import { knownValue } from "../facts/fact.ts";
import type { Mount, Workload } from "../facts/subjects.ts";
import { refKey } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { Place } from "../lib/place.ts";
import { normalise, type TextFile } from "../repository/files.ts";
import { pathIndexOf } from "../repository/path-index.ts";
import type { Repository } from "../repository/repository.ts";

/** A file of the repository as one workload sees it. */
export interface MountedFile {
  readonly owner: Workload;
  /** Within the root. */
  readonly path: string;
  /** Its path inside the container. */
  readonly inside: string;
  /** Whether its image was built with it, and nothing is mounted over it. */
  readonly isBuilt?: true;
}

/** A text that is handed to a workload as a file without being one of the repository: `content` of a Compose config. */
export interface InlineFile {
  readonly service: string;
  readonly inside: string;
  readonly file: TextFile;
  /** Where a place in the text stands in the file that holds it. */
  readonly placeOf: (place: Place) => Place;
  /** Names of variables that stand for what cannot be told of the text, and why. */
  readonly hidden?: ReadonlyMap<string, string>;
}

/** A file that a workload's image is built with. */
export interface BuiltFile {
  readonly service: string;
  readonly path: string;
  readonly inside: string;
}

/** A folder that is mounted is looked through as deep as configuration goes, and no further than this many files. */
const mostFilesOfAMount = 200;

/** The files that workloads of a system see. */
export class MountedFiles {
  readonly #system: System;
  readonly #repository: Repository;
  readonly #built: readonly BuiltFile[];

  constructor(system: System, repository: Repository, built: readonly BuiltFile[]) {
    this.#system = system;
    this.#repository = repository;
    this.#built = built;
  }

  /** Every one of them, those first whose path inside is the shortest: what includes others comes before them. */
  all(): readonly MountedFile[] {
    const mounted = this.#system.all("mount").flatMap((mount) => this.#filesOf(mount));
    const built = this.#built.flatMap(({ service, path, inside }): MountedFile[] => {
      const owner = this.#system.workload({ kind: "workload", system: this.#system.name, name: service });
      return owner === undefined ? [] : [{ owner, path, inside, isBuilt: true }];
    });
    const seen = new Set<string>();
    const files = [...mounted, ...built].filter(({ owner, inside }) => {
      // What is mounted hides what the image was built with.
      const key = `${refKey(owner.ref)}\0${inside}`;
      return seen.has(key) ? false : seen.add(key).has(key);
    });
    return files.sort((a, b) => depthOf(a.inside) - depthOf(b.inside));
  }

  #filesOf(mount: Mount): readonly MountedFile[] {
    const { files, paths } = this.#repository;
    const owner = this.#system.workloadOf(mount);
    const source = sourceWithin(mount);
    const target = knownValue(mount.target);
    if (owner === undefined || source === undefined || target === undefined) return [];
    if (files.exists(source)) return [{ owner, path: source, inside: target }];
    return pathIndexOf(paths)
      .below(source)
      .slice(0, mostFilesOfAMount)
      .map((path) => ({ owner, path, inside: posix.join(target, path.slice(source.length + 1)) }));
  }

  /** The path within the root of what a workload sees under an absolute path; undefined for what lies elsewhere. */
  locate(absolute: string, owner: Workload): string | undefined {
    const wanted = posix.normalize(absolute);
    for (const mount of this.#mountsOf(owner)) {
      const source = sourceWithin(mount);
      const target = knownValue(mount.target);
      if (source === undefined || target === undefined) continue;
      if (wanted === target && this.#repository.files.exists(source)) return source;
      const below = target.endsWith("/") ? target : `${target}/`;
      if (wanted.startsWith(below)) return normalise(posix.join(source, wanted.slice(below.length)));
    }
    const built = this.#built.find(({ service, inside }) => service === owner.ref.name && inside === wanted);
    return built?.path;
  }

  /** Whether something that is not seen is mounted at a path, or around it. */
  hides(absolute: string, owner: Workload): boolean {
    const { files } = this.#repository;
    return this.#mountsOf(owner).some((mount) => {
      const target = knownValue(mount.target);
      if (target === undefined) return true;
      if (absolute !== target && !absolute.startsWith(target.endsWith("/") ? target : `${target}/`)) return false;
      const source = sourceWithin(mount);
      if (source === undefined) return knownValue(mount.type) !== "tmpfs";
      // It names something in this folder that is not there: it is made, or kept, elsewhere.
      return !files.exists(source) && !files.isFolder(source);
    });
  }

  #mountsOf(owner: Workload): readonly Mount[] {
    return this.#system.containersOf(owner).flatMap((container) => this.#system.ownedBy(container.ref, "mount"));
  }
}

function depthOf(path: string): number {
  return path.split("/").length;
}

/** The path within the root that is mounted; undefined for what lies elsewhere, and for the whole root. */
function sourceWithin(mount: Mount): string | undefined {
  const source = knownValue(mount.source);
  if (source === undefined || source.startsWith("/") || source.startsWith("~")) return undefined;
  const kind = knownValue(mount.type);
  if (kind !== "bind" && kind !== "other") return undefined;
  const path = normalise(source);
  return path === "" ? undefined : path;
}
