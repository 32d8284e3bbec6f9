import { append } from "../../../lib/append.ts";
import { folderOf } from "../../../lib/folder-of.ts";
import type { Glance } from "./glance.ts";

/** Manifests that are for one cluster. */
export interface LooseGroup {
  /** The folder that all of them lie in; empty for the root. */
  readonly folder: string;
  readonly paths: readonly string[];
}

/**
 * Manifests that nothing names, as clusters: all together, for they share namespaces and policies; but where two folders
 * hold an object of the same name (`dev/`, `prod/`), each of them is a cluster of its own.
 */
export function groupLoose(paths: readonly string[], manifests: ReadonlyMap<string, Glance>): readonly LooseGroup[] {
  if (paths.length === 0) return [];
  const folder = commonFolder(paths);
  if (!hasTwice(paths, manifests)) return [{ folder, paths }];
  const byFolder = new Map<string, string[]>();
  for (const path of paths) append(byFolder, nextFolder(path, folder), path);
  if (byFolder.size === 1) return [{ folder, paths }];
  return [...byFolder.values()].flatMap((group) => groupLoose(group, manifests));
}

/** Whether an object of one name stands in two files of different folders. */
function hasTwice(paths: readonly string[], manifests: ReadonlyMap<string, Glance>): boolean {
  const seen = new Map<string, string>();
  for (const path of paths) {
    for (const { kind, name, namespace } of manifests.get(path)?.objects ?? []) {
      if (name === "") continue;
      const key = `${kind}\0${namespace}\0${name}`;
      const before = seen.get(key);
      if (before !== undefined && before !== folderOf(path)) return true;
      seen.set(key, folderOf(path));
    }
  }
  return false;
}

function commonFolder(paths: readonly string[]): string {
  const [first = "", ...rest] = paths.map((path) => folderOf(path).split("/"));
  const common = [...first];
  for (const parts of rest) {
    const length = common.findIndex((part, index) => part !== parts[index]);
    if (length !== -1) common.splice(length);
  }
  return common.join("/");
}

/** The folder of a path that is one step below another; that one itself for a file that lies in it. */
function nextFolder(path: string, folder: string): string {
  const rest = folder === "" ? path : path.slice(folder.length + 1);
  const slash = rest.indexOf("/");
  return slash === -1 ? "" : rest.slice(0, slash);
}
