import { append } from "../lib/append.ts";
import { folderOf } from "../lib/folder-of.ts";

/** Paths by their folder, so that those of one folder are found without a look at all of them. */
export class PathIndex {
  readonly #all: readonly string[];
  readonly #files = new Map<string, string[]>();
  readonly #folders = new Map<string, string[]>();
  readonly #known = new Set<string>();

  /** Paths relative to one root, `/` between the parts. */
  constructor(paths: readonly string[]) {
    this.#all = paths;
    for (const path of paths) {
      const folder = folderOf(path);
      this.#noteFolder(folder);
      append(this.#files, folder, path);
    }
  }

  /** The files right in a folder (the root is the empty text), in the order that they were given in. */
  in(folder: string): readonly string[] {
    return this.#files.get(folder) ?? [];
  }

  /** The files in a folder and in those below it: each folder's own before those below. */
  below(folder: string): readonly string[] {
    if (folder === "") return this.#all;
    const found: string[] = [];
    const waiting = [folder];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const path of this.in(next)) found.push(path);
      waiting.push(...(this.#folders.get(next) ?? []).toReversed());
    }
    return found;
  }

  /** Makes a folder known to the one around it, and that to the next. */
  #noteFolder(folder: string): void {
    for (let below = folder; below !== "" && !this.#known.has(below); below = folderOf(below)) {
      this.#known.add(below);
      append(this.#folders, folderOf(below), below);
    }
  }
}

const indexes = new WeakMap<readonly string[], PathIndex>();

/** The index of a list of paths that no longer changes, made once for each list. */
export function pathIndexOf(paths: readonly string[]): PathIndex {
  const known = indexes.get(paths);
  if (known !== undefined) return known;
  const made = new PathIndex(paths);
  indexes.set(paths, made);
  return made;
}
