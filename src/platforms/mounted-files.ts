import { posix } from "node:path";
import { knownValue } from "../facts/fact.ts";
import { softwareOfImage } from "../facts/knowledge/roles.ts";
import type { Mount, Workload } from "../facts/subjects.ts";
import { refKey } from "../facts/subjects.ts";
import type { InputProblem, System } from "../facts/system.ts";
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

/** Of a folder that is mounted no more files that may be configuration count: of a proxy's, and of any other's. */
const mostFilesOfAMount = { proxy: 1_000, other: 200 } as const;
/** Files of one mount that are looked at by their names. */
const mostNames = 5_000;

/** Whether a file may be configuration, by its path within the root and the one inside. Such as `.sample` are none. */
export type MayCount = (path: string, inside: string) => boolean;

export interface MountOptions {
  readonly built?: readonly BuiltFile[] | undefined;
  readonly mayCount: MayCount;
  /** Where in a container proxies look for files: of a root that is mounted whole nothing else counts. */
  readonly isProxyPlace: (inside: string) => boolean;
}

/** The files that workloads of a system see. */
export class MountedFiles {
  readonly #system: System;
  readonly #repository: Repository;
  readonly #built: readonly BuiltFile[];
  readonly #options: MountOptions;
  readonly #problems: InputProblem[] = [];

  constructor(system: System, repository: Repository, options: MountOptions) {
    this.#system = system;
    this.#repository = repository;
    this.#options = options;
    this.#built = options.built ?? [];
  }

  /** What `all` left out. */
  get problems(): readonly InputProblem[] {
    return this.#problems;
  }

  /** Every one of them, those first whose path inside is the shortest: what includes others comes before them. */
  all(): readonly MountedFile[] {
    const mounted = this.#system.all("mount").flatMap((mount) => this.#filesOf(mount));
    const built = this.#built.flatMap(({ service, path, inside }): MountedFile[] => {
      const owner = this.#system.workload({ kind: "workload", system: this.#system.name, name: service });
      return owner === undefined ? [] : [{ owner, path, inside, isBuilt: true }];
    });
    const linked = this.#system.all("mount").flatMap((mount) => this.#linkedBelow(mount, mounted));
    const seen = new Set<string>();
    const files = [...mounted, ...linked, ...built].filter(({ owner, inside }) => {
      // What is mounted hides what the image was built with.
      const key = `${refKey(owner.ref)}\0${inside}`;
      return seen.has(key) ? false : seen.add(key).has(key);
    });
    return files.sort((a, b) => depthOf(a.inside) - depthOf(b.inside));
  }

  #filesOf(mount: Mount): readonly MountedFile[] {
    const { files } = this.#repository;
    const owner = this.#system.workloadOf(mount);
    const source = this.#within(mount);
    const target = knownValue(mount.target);
    if (owner === undefined || source === undefined || target === undefined) return [];
    const isLink = source !== "" && files.linkText(source) !== undefined;
    if (isLink) return this.#linked(source, source, { owner, inside: target, place: mount.place });
    if (source !== "" && files.exists(source)) return [{ owner, path: source, inside: target }];
    return this.#below(source, target, owner, mount);
  }

  #below(source: string, target: string, owner: Workload, { place }: Mount): readonly MountedFile[] {
    const isProxy = isKnownProxy(owner, this.#system);
    if (source === "" && !isProxy) return [];
    const { mayCount, isProxyPlace } = this.#options;
    const most = isProxy ? mostFilesOfAMount.proxy : mostFilesOfAMount.other;
    const all = pathIndexOf(this.#repository.paths).below(source);
    const start = source === "" ? 0 : source.length + 1;
    const found: MountedFile[] = [];
    for (const [index, path] of all.entries()) {
      const inside = posix.join(target, path.slice(start));
      const counts = !/\.sample$/i.test(path) && mayCount(path, inside) && (source !== "" || isProxyPlace(inside));
      const isTooMuch = index >= mostNames || (counts && found.length >= most);
      // A site of many pages is served, and not read.
      const isTold = isProxy && (found.length > 0 || isProxyPlace(inside));
      if (isTooMuch && isTold) this.#problems.push(tooMany(owner, source, found.at(-1)?.path, place));
      if (isTooMuch) break;
      if (counts) found.push({ owner, path, inside });
    }
    return found;
  }

  /** What links in a mounted folder stand for, where the workload does not see it anyway. */
  #linkedBelow(mount: Mount, seen: readonly MountedFile[]): readonly MountedFile[] {
    const owner = this.#system.workloadOf(mount);
    const source = this.#within(mount);
    const target = knownValue(mount.target);
    if (owner === undefined || target === undefined || source === undefined || source === "") return [];
    return this.#repository.files.othersIn(source).flatMap((path) => {
      const inside = posix.join(target, posix.basename(path));
      if (!this.#options.mayCount(path, inside)) return [];
      const found = this.#linked(path, inside, { owner, inside, place: mount.place });
      return found.filter((each) => !seen.some((one) => one.owner === owner && one.path === each.path));
    });
  }

  /** The file that a link stands for. `from` is the link's path for the one who follows it: the engine, or the program. */
  #linked(
    path: string,
    from: string,
    { owner, inside, place }: { readonly owner: Workload; readonly inside: string; readonly place: Place },
  ): readonly MountedFile[] {
    const { files } = this.#repository;
    const text = files.linkText(path);
    if (text === undefined) return [];
    const wanted = text.startsWith("/") ? text : posix.join(posix.dirname(from), text);
    const found = from.startsWith("/") ? this.locate(wanted, owner) : normalise(wanted);
    if (found !== undefined && files.exists(found) && files.linkText(found) === undefined)
      return [{ owner, path: found, inside }];
    if (isKnownProxy(owner, this.#system) && this.#options.isProxyPlace(inside)) {
      const message = `${owner.ref.name} mounts \`${path}\`, a link to what is not in this folder; what it says is not seen.`;
      this.#problems.push({ severity: "warning", message, place });
    }
    return [];
  }

  /** The path within the root of what a workload sees under an absolute path; undefined for what lies elsewhere. */
  locate(absolute: string, owner: Workload): string | undefined {
    const wanted = posix.normalize(absolute);
    for (const mount of this.#mountsOf(owner)) {
      const source = this.#within(mount);
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
      const source = this.#within(mount);
      if (source === undefined) return knownValue(mount.type) !== "tmpfs";
      // It names something in this folder that is not there: it is made, or kept, elsewhere.
      return !files.exists(source) && !files.isFolder(source);
    });
  }

  /** The path within the root that is mounted, the root as the empty text; undefined for what lies elsewhere. */
  #within(mount: Mount): string | undefined {
    const source = knownValue(mount.source);
    if (source === undefined || source.startsWith("~")) return undefined;
    // Compose runs where its files lie; what an instance or a pod is given lies on a host of its own.
    if (source.startsWith("/") && mount.platform !== "compose") return undefined;
    const kind = knownValue(mount.type);
    return kind === "bind" || kind === "other" ? this.#repository.files.within(source) : undefined;
  }

  #mountsOf(owner: Workload): readonly Mount[] {
    return this.#system.containersOf(owner).flatMap((container) => this.#system.ownedBy(container.ref, "mount"));
  }
}

function isKnownProxy(owner: Workload, system: System): boolean {
  return system.containersOf(owner).some(({ image }) => {
    const found = image === undefined ? undefined : system.get(image);
    return found !== undefined && softwareOfImage(found)?.roles.includes("proxy") === true;
  });
}

function tooMany(owner: Workload, source: string, last: string | undefined, place: Place): InputProblem {
  const folder = source === "" ? "the whole folder" : `\`${source}\``;
  const after = last === undefined ? "not all of them are read" : `those after \`${last}\` are not read`;
  return {
    severity: "warning",
    message: `${owner.ref.name} mounts ${folder}, which has too many files: ${after}, and routes in them are not seen.`,
    place,
    hint: "Mount the folder that holds the configuration, and keep what is no configuration elsewhere.",
  };
}

function depthOf(path: string): number {
  return path.split("/").length;
}
