import { append } from "../../../lib/append.ts";

/** The names of files by their folder, the root's under the empty text. */
export function byFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.lastIndexOf("/");
    append(folders, path.slice(0, Math.max(0, slash)), path.slice(slash + 1));
  }
  return folders;
}
