import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { RingwallError } from "../lib/error.ts";

/**
 * Throws `conflict` when Git would take a file that holds a key: it lies in a working tree, and either no `.gitignore` in
 * its folder or one above, within the tree, ignores everything there, or the index has it already. Runs no program.
 */
export async function keepOutOfGit(path: string): Promise<void> {
  const tree = await workingTreeOf(path);
  if (tree === undefined) return;
  const name = relative(tree.root, path).split(sep).join("/");
  if (await isTracked(tree, name)) {
    throw new RingwallError("conflict", `${path} is tracked by Git, and holds a private key.`, {
      hint: "Take it out with `git rm --cached`, treat the key as known to everybody who has the repository, and make a new one.",
    });
  }
  if (await isIgnored(tree.root, path)) return;
  throw new RingwallError("conflict", `${path} would be taken into Git: nothing there ignores it.`, {
    hint: `Put a file .gitignore with the line * into ${dirname(path)}; Ringwall makes no private key where Git would take it.`,
  });
}

interface WorkingTree {
  readonly root: string;
  readonly gitFolder: string;
}

async function workingTreeOf(path: string): Promise<WorkingTree | undefined> {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const found = await stat(join(folder, ".git")).catch(() => undefined);
    if (found?.isDirectory()) return { root: folder, gitFolder: join(folder, ".git") };
    if (found?.isFile()) {
      // A linked working tree or submodule: the file names the folder.
      const text = await readFile(join(folder, ".git"), "utf8");
      return { root: folder, gitFolder: resolve(folder, /^gitdir: (.+)$/m.exec(text)?.[1] ?? ".git") };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Paths stand in the index in full (gitformat-index), but for version 4, which Git writes only when told to. */
async function isTracked({ gitFolder }: WorkingTree, name: string): Promise<boolean> {
  const index = await readFile(join(gitFolder, "index")).catch(() => undefined);
  return index?.includes(Buffer.from(`${name}\0`)) === true;
}

/** Only what ignores everything counts, so that no pattern needs to be understood. */
async function isIgnored(root: string, path: string): Promise<boolean> {
  for (let folder = dirname(resolve(path)); folder.length >= root.length; folder = dirname(folder)) {
    const text = await readFile(join(folder, ".gitignore"), "utf8").catch(() => "");
    const lines = text.split(/\r?\n/);
    if (lines.some((line) => line === "*" || line === "/*") && !lines.some((line) => line.startsWith("!"))) return true;
    if (dirname(folder) === folder) return false;
  }
  return false;
}
