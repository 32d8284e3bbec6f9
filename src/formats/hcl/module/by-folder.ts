import { append } from "../../../lib/append.ts";

const made = new WeakMap<readonly string[], ReadonlyMap<string, readonly string[]>>();

/** The names of files by their folder, the root's under the empty text. Made once for each list, which no longer changes. */
export function byFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const known = made.get(paths);
  if (known !== undefined) return known;
  const folders = foldersOf(paths);
  made.set(paths, folders);
  return folders;
}

function foldersOf(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.lastIndexOf("/");
    append(folders, path.slice(0, Math.max(0, slash)), path.slice(slash + 1));
  }
  return folders;
}
