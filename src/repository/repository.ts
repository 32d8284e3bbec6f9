import { lstatSync, realpathSync, type Stats } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import type { InputProblem } from "../facts/system.ts";
import { RingwallError } from "../lib/error.ts";
import { folderOf } from "../lib/folder-of.ts";
import { ConfinedFiles } from "./files.ts";
import type { FolderView, GitState } from "./folder-view.ts";
import { enclosingGitRoot, GitView } from "./git-view.ts";
import { type Walk, type WalkLimits, walk } from "./walk.ts";

/** A folder that is checked: its files, opened through `files` alone, and what Git knows of them. */
export interface Repository {
  /** The folder's own name. */
  readonly name: string;
  /** The folder on this machine, absolute and without links; never for a message. */
  readonly folder: string;
  readonly files: ConfinedFiles;
  /** Every regular file that was found, relative to the root. */
  readonly paths: readonly string[];
  /** Links, pipes and the like, which are never read: see `Walk`. */
  readonly others: readonly string[];
  /** What could not be listed. */
  readonly problems: readonly InputProblem[];
  /** The path within the root of a file as places name it (they may carry the folder's name before it). */
  pathOf(sourcePath: string): string;
  /** The other way round: how places name a file within the root. */
  nameOf(path: string): string;
  /** Permission bits (0o600), or undefined where the file system has none or the file is not there. */
  modeOf(path: string): number | undefined;
  /** What Git knows of a file; undefined when it lies in no Git repository. */
  gitStateOf(path: string): GitState | undefined;
}

export interface OpenOptions {
  readonly limits?: Partial<WalkLimits>;
  /** Look at these files alone (relative to the root) instead of walking. */
  readonly only?: readonly string[];
  /** What stands before the path in the names of places: see `Repository.pathOf`. Default: nothing. */
  readonly prefix?: string;
  /** How files are opened, by the folder as it was named; the default is `ConfinedFiles` with its limits. */
  readonly open?: (root: string) => ConfinedFiles;
  /** What is in the folder, where that is not what lies on the disk; `open` gives files that have it too. */
  readonly view?: FolderView | undefined;
}

/**
 * Opens a folder for checking. Nothing of it is executed, no link in it is followed, and Git is not run.
 * Fails with `not-found` when it is not there, with `unreadable` when it is no folder or cannot be listed.
 */
export function openRepository(root: string, options: OpenOptions = {}): Repository {
  const real = realFolder(root);
  const found: Walk =
    options.only === undefined
      ? (options.view?.whole ?? walk(real, options.limits))
      : { files: options.only, others: [], folders: [], unlisted: [], gitRoots: new Map(), problems: [] };
  const files = options.open?.(root) ?? new ConfinedFiles(root, {}, options.view);
  if (options.only === undefined) files.walked(found);
  return new FolderRepository(real, found, files, options.prefix ?? "", options.view);
}

function realFolder(root: string): string {
  let real: string;
  try {
    real = realpathSync(root);
  } catch {
    throw new RingwallError("not-found", `${root} is not there.`, { hint: "Name a folder or a file that exists." });
  }
  if (!lstatSync(real).isDirectory()) throw new RingwallError("unreadable", `${root} is not a folder.`);
  return real;
}

type GitRoot = { readonly root: string; readonly kind: "folder" | "file" | "link" };

class FolderRepository implements Repository {
  readonly name: string;
  readonly files: ConfinedFiles;
  readonly paths: readonly string[];
  readonly others: readonly string[];
  readonly problems: readonly InputProblem[];
  readonly folder: string;
  readonly #prefix: string;
  readonly #gitRoots: Walk["gitRoots"];
  readonly #views = new Map<string, GitView>();
  readonly #view: FolderView | undefined;
  #enclosing: GitRoot | undefined | "not looked" = "not looked";

  constructor(root: string, found: Walk, files: ConfinedFiles, prefix: string, view: FolderView | undefined) {
    this.folder = root;
    this.#view = view;
    this.#prefix = prefix;
    this.name = basename(root) || "root";
    this.files = files;
    this.paths = found.files;
    this.others = found.others;
    this.problems = found.problems;
    this.#gitRoots = found.gitRoots;
  }

  pathOf(sourcePath: string): string {
    return sourcePath.startsWith(this.#prefix) ? sourcePath.slice(this.#prefix.length) : sourcePath;
  }

  nameOf(path: string): string {
    return `${this.#prefix}${path}`;
  }

  modeOf(path: string): number | undefined {
    const viewed = this.#view?.file(path);
    if (viewed !== undefined || this.#view?.whole !== undefined) return viewed?.mode;
    if (process.platform === "win32") return undefined;
    const stat = this.#stat(path);
    return stat === undefined ? undefined : stat.mode & 0o7777;
  }

  gitStateOf(path: string): GitState | undefined {
    if (this.#view?.whole !== undefined) return this.#view.gitStateOf(path);
    const git = this.#gitRootOf(path);
    if (git === undefined) return undefined;
    if (git.kind === "link") return { why: "`.git` is a link, and links are not followed" };
    const view = this.#viewOf(git.root);
    if (view.whyUnknown !== undefined) return { why: view.whyUnknown };
    const within = relative(git.root, join(this.folder, path)).split(sep).join("/");
    const tracked = view.tracked;
    return {
      ignored: view.ignores(within),
      tracked: "paths" in tracked ? tracked.paths.has(within) : { why: tracked.why },
    };
  }

  /** The text of a file on this machine, named absolute, where the view changes it. */
  #changedText(path: string): string | undefined {
    const within = relative(this.folder, path).split(sep).join("/");
    const bytes = this.#view?.file(within)?.bytes;
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  #stat(path: string): Stats | undefined {
    try {
      return lstatSync(join(this.folder, path));
    } catch {
      return undefined;
    }
  }

  /** The nearest working tree around a file: one found below the root, or one that the root lies in. */
  #gitRootOf(path: string): GitRoot | undefined {
    for (let folder = path; folder !== "" && this.#gitRoots.size > 0; ) {
      folder = folderOf(folder);
      const kind = this.#gitRoots.get(folder);
      if (kind !== undefined) return { root: join(this.folder, folder), kind };
    }
    if (this.#enclosing === "not looked") this.#enclosing = enclosingGitRoot(this.folder);
    return this.#enclosing;
  }

  #viewOf(root: string): GitView {
    const known = this.#views.get(root);
    if (known !== undefined) return known;
    const view = new GitView(root, (path) => this.#changedText(path));
    this.#views.set(root, view);
    return view;
  }
}
