/** The paths that a person named, each place once. */
import { realpathSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { isFoundInFolder } from "../../platforms/read-paths.ts";
import { isSkipped } from "../../repository/walk.ts";
import { DeclaredStacks } from "./declared-stacks.ts";

interface Named {
  readonly path: string;
  /** Without links, where it is there. */
  readonly real: string;
  readonly isFolder: boolean;
}

/**
 * Leaves out what another path reads already: the same place under another name, and what lies inside a folder that is
 * checked too. What the walk of that folder passes over (`node_modules`), or takes only when it is named, stays. Throws
 * `usage` for an empty path.
 */
export function distinctPaths(paths: readonly string[], cwd: string): readonly string[] {
  if (paths.some((path) => path === "")) {
    throw new RingwallError("usage", "An empty path names nothing.", {
      hint: "Name a folder or a file, or `.` for the current folder; a variable that is not set leaves an empty path.",
    });
  }
  const all = new Map<string, Named>();
  for (const path of paths) {
    const one = locate(path, cwd);
    if (!all.has(one.real)) all.set(one.real, one);
  }
  return [...all.values()].filter((one) => !isReadWith(one, all)).map(({ path }) => path);
}

function locate(path: string, cwd: string): Named {
  const full = resolve(cwd, path);
  try {
    const real = realpathSync(full);
    return { path, real, isFolder: statSync(real).isDirectory() };
  } catch {
    // Whoever reads it says that it is not there.
    return { path, real: full, isFolder: false };
  }
}

/** Whether walking another path, which is a folder, reads this one too. That takes a look into a file, once. */
function isReadWith(inner: Named, all: ReadonlyMap<string, Named>): boolean {
  if (!isWalked(inner, all)) return false;
  return inner.isFolder || isFoundInFolder(inner.real, [new DeclaredStacks()]);
}

function isWalked({ real, isFolder }: Named, all: ReadonlyMap<string, Named>): boolean {
  for (let at = real; dirname(at) !== at; at = dirname(at)) {
    if (all.get(dirname(at))?.isFolder !== true) continue;
    const way = relative(dirname(at), real).split(sep).join("/");
    if (!isSkipped(isFolder ? `${way}/` : way)) return true;
  }
  return false;
}
