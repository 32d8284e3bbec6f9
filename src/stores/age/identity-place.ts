import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { enclosingGitRoot, GitView } from "../../repository/git-view.ts";

/**
 * Throws `conflict` where Git has a private key, or would take it: inside of a working tree, unless an ignore file of
 * that tree leaves it out and it is not tracked already. What the user's own settings ignore does not count, for others
 * who clone the repository do not have them.
 */
export function refuseInsideGit(path: string): void {
  const folder = realFolder(dirname(path));
  const found = enclosingGitRoot(folder);
  if (found === undefined) return;
  const real = join(folder, basename(path));
  const within = relative(found.root, real).split(sep).join("/");
  const view = new GitView(found.root);
  const { tracked } = view;
  if ("paths" in tracked && tracked.paths?.has(within) === true) {
    throw new RingwallError(
      "conflict",
      `Git has the identity ${path}: everybody with the repository can read the secrets.`,
      {
        hint: "Make a new identity elsewhere, encrypt for it alone, rotate every secret, and take the old one out of the history.",
      },
    );
  }
  if (found.kind !== "link" && view.ignores(within)) return;
  throw new RingwallError(
    "conflict",
    `The identity ${path} would lie in the Git repository ${found.root}, which does not ignore it.`,
    {
      hint: "Keep it outside, such as in ~/.config/ringwall/, or put its name into .gitignore first.",
    },
  );
}

/** The folder without links in it; of one that is not there yet the nearest that is. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return dirname(folder) === folder ? folder : join(realFolder(dirname(folder)), basename(folder));
  }
}
