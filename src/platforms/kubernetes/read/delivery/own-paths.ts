import { oncePer } from "../../../../facts/once.ts";
import { folderOf } from "../../../../lib/folder-of.ts";
import type { ClusterContext } from "../context.ts";

/** A path of a repository without what leads to its root: empty for the root itself. */
export function pathWithin(path: string): string {
  const within = path.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  return within === "." ? "" : within;
}

/** Whether files of this folder, or a chart in it, lie under a path, be it from its root, or from that of a repository around it or in it. */
export function isAmongFiles(path: string, context: ClusterContext): boolean {
  return waysIn(context).has(pathWithin(path));
}

/** The same of a path of two parts or more: one part alone may be there by chance. */
export function appliesThisFolder(path: string | undefined, context: ClusterContext): boolean {
  return path !== undefined && pathWithin(path).includes("/") && isAmongFiles(path, context);
}

/** Nobody's manifests lie deeper; the runs of a longer way are too many to keep. */
const deepest = 30;

/** Every run of folders on the way to a file. */
const waysIn = oncePer(({ manifests }: ClusterContext): ReadonlySet<string> => {
  const own = manifests.sources.map(({ path }) => folderOf(path));
  const folders = new Set([...own, ...(manifests.chartFolders ?? [])].filter((folder) => folder !== ""));
  const ways = new Set<string>();
  for (const folder of folders) for (const way of waysTo(folder)) ways.add(way);
  return ways;
});

/** Every run of the folders on the way to one: `b/c` and `b` of `a/b/c`. */
export function waysTo(folder: string): readonly string[] {
  const parts = folder.split("/").slice(0, deepest);
  return parts.flatMap((_, start) =>
    parts.slice(start).map((__, length) => parts.slice(start, start + length + 1).join("/")),
  );
}
