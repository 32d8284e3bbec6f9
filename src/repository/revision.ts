/** The files of a Git repository as they were in an earlier revision, without checking it out. */
import { basename, relative, sep } from "node:path";
import type { RunBytes } from "../lib/child-bytes.ts";
import { RingwallError } from "../lib/error.ts";
import type { FolderView, GitState, ViewedFile } from "./folder-view.ts";
import { GitPlumbing } from "./git-plumbing.ts";
import { GitView } from "./git-view.ts";
import type { Repository } from "./repository.ts";
import { isSkipped, type Walk } from "./walk.ts";

/** One file of a tree. */
interface Blob {
  readonly object: string;
  readonly executable: boolean;
  /** Not a number where the clone lacks the object. */
  readonly bytes: number;
}

/** Larger files are not read anyway. */
const largestFile = 4 * 1024 ** 2;
/** Bytes of all files of a revision together. */
const largestRevision = 512 * 1024 ** 2;

/** What a tree holds, by path from the working tree's root. */
export interface RevisionTree {
  readonly blobs: ReadonlyMap<string, Blob>;
  readonly links: ReadonlySet<string>;
  /** Submodules: what is in them belongs to another repository. */
  readonly submodules: ReadonlySet<string>;
}

/** What was there before anything was committed. */
const nothing: RevisionTree = { blobs: new Map(), links: new Set(), submodules: new Set() };

/** A revision of one working tree, with the texts of the files below some folders of it. */
export class Revision {
  readonly tree: RevisionTree;
  /** The working tree on this machine. */
  readonly #root: string;
  readonly #contents: ReadonlyMap<string, Buffer>;
  readonly #ignoredNow: GitView;
  readonly #ignoredThen: GitView;

  private constructor(root: string, tree: RevisionTree, contents: ReadonlyMap<string, Buffer>) {
    this.tree = tree;
    this.#root = root;
    this.#contents = contents;
    this.#ignoredNow = new GitView(root);
    this.#ignoredThen = new GitView(root, (path) => this.#ignoreFileThen(path));
  }

  /**
   * Reads a revision of the working tree at `root`. Of the files only those are read that `wanted` names, and that are
   * not so large that nobody reads them. Throws a `RingwallError` when there is no such revision.
   */
  static async read(
    root: string,
    revision: string,
    wanted: (path: string) => boolean,
    git: { readonly run: RunBytes; readonly path: string },
  ): Promise<Revision> {
    const plumbing = new GitPlumbing(root, git.run, git.path);
    const name = await plumbing.treeOf(revision);
    const tree = name === undefined ? nothing : await readTree(plumbing, name);
    const blobs = [...tree.blobs].filter(
      ([path, { bytes }]) => !(bytes > largestFile) && (wanted(path) || isIgnoreFile(path)),
    );
    const contents = await readBlobs(plumbing, [...new Set(blobs.map(([, { object }]) => object))], revision);
    return new Revision(root, tree, contents);
  }

  /** What a file held; undefined for one that was not there, or was not asked for. */
  bytesOf(path: string): Buffer | undefined {
    const blob = this.tree.blobs.get(path);
    return blob === undefined ? undefined : this.#contents.get(blob.object);
  }

  /**
   * A folder of the working tree as it was then. What Git does not keep stays as it is now, for no change brings it: files
   * that are ignored, and what lies in submodules. `prefix` is the folder's path from the root of the working tree: empty,
   * or with a slash at its end.
   */
  viewOf(now: Repository, prefix: string): FolderView {
    const below = (paths: Iterable<string>) =>
      [...paths]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length))
        .filter((path) => !isSkipped(path));
    const kept = new Set(now.paths.filter((path) => this.#isKept(`${prefix}${path}`, now.gitStateOf(path))));
    return {
      whole: walkOf([...new Set([...below(this.tree.blobs.keys()), ...kept])], below(this.tree.links)),
      file: (path) => (kept.has(path) ? fileNow(now, path) : this.#fileThen(`${prefix}${path}`, now.modeOf(path))),
      gitStateOf: (path) => {
        // What cannot be told now could not be told then.
        const state = now.gitStateOf(path);
        if (state !== undefined && "why" in state) return state;
        return {
          ignored: this.#ignoredThen.ignores(`${prefix}${path}`),
          tracked: this.tree.blobs.has(`${prefix}${path}`),
        };
      },
    };
  }

  /** Permissions are no part of a change: those of now are taken where the file is still there. */
  #fileThen(path: string, modeNow: number | undefined): ViewedFile | undefined {
    const bytes = this.bytesOf(path);
    if (bytes === undefined) return undefined;
    return { bytes, mode: modeNow ?? (this.tree.blobs.get(path)?.executable === true ? 0o755 : 0o644) };
  }

  #isKept(path: string, state: GitState | undefined): boolean {
    if (this.tree.blobs.has(path) || this.tree.links.has(path)) return false;
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
      if (this.tree.submodules.has(path.slice(0, at))) return true;
    }
    const trackedNow = state !== undefined && "tracked" in state && state.tracked === true;
    return !trackedNow && this.#ignoredNow.ignores(path);
  }

  /** An ignore file as it was; one that was not there then says nothing. */
  #ignoreFileThen(path: string): string | undefined {
    if (!isIgnoreFile(path)) return undefined;
    return this.bytesOf(relative(this.#root, path).split(sep).join("/"))?.toString("utf8") ?? "";
  }
}

function isIgnoreFile(path: string): boolean {
  return basename(path) === ".gitignore";
}

/** Reads a file as it is on the disk now. */
function fileNow(now: Repository, path: string): ViewedFile | undefined {
  const answer = now.files.bytes(path);
  return answer.ok ? { bytes: answer.bytes, mode: now.modeOf(path) } : undefined;
}

/** The listing of these files, in the order in which a folder is walked. */
function walkOf(paths: readonly string[], links: readonly string[]): Walk {
  const folders = new Set<string>([""]);
  for (const path of paths) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  }
  const files = [...paths].sort(asWalked);
  return {
    files,
    others: links,
    folders: [...folders].sort(asWalked),
    unlisted: [],
    gitRoots: new Map(),
    problems: [],
  };
}

/** Each folder's own files before those below it, by name. */
function asWalked(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  const shared = Math.min(left.length, right.length) - 1;
  for (let at = 0; at < shared; at++) {
    const [one = "", other = ""] = [left[at], right[at]];
    if (one !== other) return one < other ? -1 : 1;
  }
  if (left.length !== right.length) return left.length - right.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

async function readTree(plumbing: GitPlumbing, tree: string): Promise<RevisionTree> {
  const listed = await plumbing.ask(["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", tree]);
  if (listed === undefined) throw damaged("its files cannot be listed");
  const blobs = new Map<string, Blob>();
  const links = new Set<string>();
  const submodules = new Set<string>();
  for (const entry of listed.toString("utf8").split("\0")) {
    const match = /^(\d{6}) (\w+) ([0-9a-f]+) +(\S+)\t(.+)$/s.exec(entry);
    if (match === null) continue;
    const [, mode = "", , object = "", size = "", path = ""] = match;
    if (mode === "120000") links.add(path);
    else if (mode === "160000") submodules.add(path);
    else blobs.set(path, { object, executable: mode === "100755", bytes: Number(size) });
  }
  return { blobs, links, submodules };
}

/** The contents of objects by name. One that is not there (a partial clone has not all) is left out. */
async function readBlobs(
  plumbing: GitPlumbing,
  objects: readonly string[],
  revision: string,
): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  if (objects.length === 0) return contents;
  const input = `${objects.join("\n")}\n`;
  const output = await plumbing.ask(["cat-file", "--batch", "--buffer"], { input, largest: largestRevision });
  if (output === undefined) throw damaged(`the files of ${revision} cannot be read`);
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    if (end === -1) break;
    const [object = "", kind = "", size = ""] = output.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (kind !== "blob") continue;
    const length = Number(size);
    contents.set(object, output.subarray(at, at + length));
    at += length + 1;
  }
  if (contents.size < objects.length) {
    throw damaged(`this clone lacks ${objects.length - contents.size} of the files of ${revision}`);
  }
  return contents;
}

function damaged(why: string): RingwallError {
  return new RingwallError("unreadable", `Git's objects cannot be used: ${why}.`, {
    hint: "`git fsck` tells more; a partial clone needs `git fetch --refetch` without a filter first.",
  });
}
