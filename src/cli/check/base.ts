import { statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";

/**
 * What stands before the files that places name when they are named from the folder that the command runs in. Places name a
 * file from the folder that was checked when there is one, and as the person named its folder when there are several.
 */
export function baseOf(paths: readonly string[], cwd: string): string {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) return "";
  const full = resolve(cwd, path);
  const folder = statSync(full, { throwIfNoEntry: false })?.isDirectory() === true ? full : dirname(full);
  const way = relative(cwd, folder).split(sep).join("/");
  return way === "" ? "" : `${way}/`;
}
