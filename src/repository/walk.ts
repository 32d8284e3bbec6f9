import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { InputProblem } from "../facts/system.ts";
import { codeOf } from "../lib/system-error.ts";

/** Folders of other people's code, of tools, and of Git itself: nothing in them is the author's own declaration. */
const skippedFolders = new Set([
  ".git",
  ".hg",
  ".svn",
  "node_modules",
  "bower_components",
  "vendor",
  ".venv",
  "__pycache__",
  ".terraform",
  ".tox",
  ".direnv",
  ".ringwall",
]);

/** Whether a path (relative to the root of what is walked) lies in a folder that is not looked into. */
export function isSkipped(path: string): boolean {
  return path
    .split("/")
    .slice(0, -1)
    .some((folder) => skippedFolders.has(folder));
}

export interface WalkLimits {
  /** Files after which the walk stops with a problem. */
  readonly files: number;
  /** Folders inside folders. */
  readonly depth: number;
}

const defaultLimits: WalkLimits = { files: 200_000, depth: 100 };

export interface Walk {
  /** Regular files relative to the root, `/` between the parts; each folder's own files before those below it. */
  readonly files: readonly string[];
  /** Links, pipes, sockets and devices, folders with the name of a YAML file, what cannot be named: nothing that is read. */
  readonly others: readonly string[];
  /** Folders that were listed whole, the root as the empty text. */
  readonly folders: readonly string[];
  /** Folders that were seen and not listed: other people's code, too deep ones, those that cannot or may not be listed. */
  readonly unlisted: readonly string[];
  /** Folders (relative, the root is the empty text) that have a `.git` of their own, with what it is. */
  readonly gitRoots: ReadonlyMap<string, "folder" | "file" | "link">;
  readonly problems: readonly InputProblem[];
}

/**
 * Every regular file below a folder, sorted by name within each folder. Links are never followed, so a circle cannot
 * arise; a folder that cannot be listed, too many files and too deep folders are problems and not the end.
 */
export function walk(root: string, limits: Partial<WalkLimits> = {}): Walk {
  const { files: maximumFiles, depth: maximumDepth } = { ...defaultLimits, ...limits };
  const files: string[] = [];
  const gitRoots = new Map<string, "folder" | "file" | "link">();
  const problems: InputProblem[] = [];
  const others: string[] = [];
  const folders: string[] = [];
  const unlisted: string[] = [];
  const waiting: { path: string; depth: number }[] = [{ path: "", depth: 0 }];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = listFolder(root, folder.path, problems);
    if (entries === undefined) {
      unlisted.push(folder.path);
      continue;
    }
    const below: { path: string; depth: number }[] = [];
    for (const entry of entries) {
      const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.name === ".git") gitRoots.set(folder.path, gitKind(entry));
      if (isUnnamable(root, path)) {
        others.push(path);
        if (entry.isDirectory()) unlisted.push(path);
        if (entry.isDirectory() || mayBeConfiguration.test(entry.name)) problems.push(unnamable(path));
      } else if (entry.isDirectory()) {
        if (skippedFolders.has(entry.name)) {
          unlisted.push(path);
          continue;
        }
        if (/\.ya?ml$/.test(entry.name)) others.push(path);
        if (folder.depth < maximumDepth) below.push({ path, depth: folder.depth + 1 });
        else {
          unlisted.push(path);
          problems.push(
            problem(path, `${path} lies more than ${maximumDepth} folders deep; what is in it is not read.`),
          );
        }
      } else if (entry.isFile()) {
        if (files.length >= maximumFiles) {
          const message = `There are more than ${maximumFiles} files; those after ${files.at(-1)} are not read.`;
          unlisted.push(...[...waiting, ...below].map((each) => each.path));
          return { files, others, folders, unlisted, gitRoots, problems: [...problems, problem(path, message)] };
        }
        files.push(path);
      } else others.push(path);
    }
    folders.push(folder.path);
    // The stack gives the last first.
    for (let at = below.length - 1; at >= 0; at--) waiting.push(...below.slice(at, at + 1));
  }
  return { files, others, folders, unlisted, gitRoots, problems };
}

/** Names of files that programs read; of a picture whose name is no text nothing is said. */
const mayBeConfiguration =
  /\.(?:ya?ml|json|toml|ini|conf|cfg|env|tf|tfvars|tofu|hcl|properties|pem|key|sh|service)$|file|compose|^\.env/i;

/** Whether a name is other bytes than UTF-8: it was shown with `\ufffd` for them, and nothing is found by that name. */
function isUnnamable(root: string, path: string): boolean {
  return path.includes("\ufffd") && lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined;
}

function unnamable(path: string): InputProblem {
  return {
    ...problem(path, `${path} is not read: its name is not valid UTF-8.`),
    hint: "Give it another name; \ufffd stands where the bytes of this one are no character.",
  };
}

function gitKind(entry: Dirent): "folder" | "file" | "link" {
  if (entry.isSymbolicLink()) return "link";
  return entry.isDirectory() ? "folder" : "file";
}

function listFolder(root: string, path: string, problems: InputProblem[]): readonly Dirent[] | undefined {
  try {
    return readdirSync(join(root, path), { withFileTypes: true }).sort(byName);
  } catch (error) {
    const code = codeOf(error) ?? "unknown error";
    const shown = path === "" ? "The folder" : `The folder ${path}`;
    problems.push(
      problem(
        path,
        code === "EACCES"
          ? `${shown} cannot be listed: this user has no permission.`
          : `${shown} cannot be listed (${code}).`,
      ),
    );
    return undefined;
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function problem(path: string, message: string): InputProblem {
  return { severity: "error", message, place: { kind: "object", locator: path === "" ? "." : path } };
}
