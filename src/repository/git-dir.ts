import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { regularFile } from "./regular-file.ts";

/** Where Git keeps what it knows of a working tree. */
export interface GitDir {
  /** The folder of its own index. */
  readonly own: string;
  /** The folder that worktrees share, with `config` and `info/exclude`. */
  readonly common: string;
}

const largestPointer = 4096;
const elsewhere = "it lies in a worktree or submodule whose `.git` names";

/**
 * The folders that the `.git` of a working tree stands for. A `.git` that is a file is followed only to a folder that points
 * back at this working tree and belongs to the same user: whoever writes a repository could name any other. Else why not, as
 * a clause. Nothing is executed.
 *
 * Source: gitrepository-layout(5), `gitdir`, `commondir`; gitsubmodules(7), `core.worktree`.
 */
export function gitDirOf(root: string): GitDir | { readonly why: string } {
  const git = join(root, ".git");
  try {
    const stat = lstatSync(git);
    if (!stat.isFile()) return { own: git, common: git };
    const named = /^gitdir: (.+?)\r?\n?$/.exec(pointer(git))?.[1];
    if (named === undefined) return { why: "its `.git` names no folder" };
    const own = realpathSync(resolve(root, named));
    const common = commonOf(own);
    if (![own, common].every((folder) => isFolderOf(folder, stat.uid)))
      return { why: `${elsewhere} a folder of another user` };
    return pointsBack(own, root) ? { own, common } : { why: `${elsewhere} a folder that does not point back` };
  } catch {
    return { why: `${elsewhere} a folder that is not there` };
  }
}

function isFolderOf(folder: string, uid: number): boolean {
  const stat = statSync(folder);
  return stat.isDirectory() && stat.uid === uid;
}

/** Of a worktree the repository that it was made from; else the folder itself. */
function commonOf(own: string): string {
  const named = pointer(join(own, "commondir")).trim();
  return named === "" ? own : realpathSync(resolve(own, named));
}

function pointsBack(own: string, root: string): boolean {
  const real = realpathSync(root);
  const worktree = pointer(join(own, "gitdir")).trim();
  if (worktree !== "") return realpathSync(dirname(resolve(own, worktree))) === real;
  const written = /^[ \t]*worktree[ \t]*=(.*)$/im.exec(pointer(join(own, "config"), 1024 ** 2))?.[1] ?? "";
  const submodule = written.trim().replace(/^"(.*)"$/, "$1");
  return submodule !== "" && realpathSync(resolve(own, submodule)) === real;
}

/** A small regular file's text; empty where there is none. */
function pointer(path: string, largest = largestPointer): string {
  const file = regularFile(path, path, largest);
  return file.ok ? Buffer.from(file.bytes).toString("utf8") : "";
}
