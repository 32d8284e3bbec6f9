import { posix } from "node:path";
import type { ConfinedFiles } from "../../../repository/files.ts";

/**
 * The path under which a file of variables is read: of a link the file that it names, where that lies below the root and is no
 * link itself (mailcow's `.env` is one to `mailcow.conf`), else the path as it is, so that reading it says why not.
 */
export function linkedFile(files: ConfinedFiles, path: string): string {
  const text = files.linkText(path);
  if (text === undefined || text.startsWith("/")) return path;
  const target = files.within(posix.join(posix.dirname(path), text));
  return target !== undefined && files.exists(target) && files.linkText(target) === undefined ? target : path;
}
