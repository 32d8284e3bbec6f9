/**
 * The one way by which files of somebody's repository are opened.
 */
import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, isAbsolute, posix, resolve } from "node:path";
import { folderOf } from "../lib/folder-of.ts";
import { Source } from "../lib/place.ts";
import { isUtf16 } from "../lib/utf16.ts";
import { type FileFailure, failure, openFailure, outside, tooLarge } from "./file-failure.ts";
import type { FolderView } from "./folder-view.ts";
import { type RawFile, regularFile } from "./regular-file.ts";

/** A file that was read: its text without a byte order mark, and the `Source` that places point into. */
export interface TextFile {
  readonly ok: true;
  /** Relative to the root, `/` between the parts, without `.` and `..`. */
  readonly path: string;
  readonly text: string;
  readonly source: Source;
  /** Permission bits (0o600); undefined where the file system has none. */
  readonly mode: number | undefined;
}

/** What a walk of the root saw, all of it relative to the root. */
export interface Listing {
  /** Regular files. */
  readonly files: readonly string[];
  /** Folders that were listed whole, the root as the empty text; none of them is a link or lies behind one. */
  readonly folders: readonly string[];
  /** Whatever else may be no folder. */
  readonly others: readonly string[];
  /** Folders that were seen and not listed. Default: none. */
  readonly unlisted?: readonly string[];
}

export interface FileLimits {
  /** Bytes of one file; more is refused before anything of it is read. */
  readonly bytes: number;
}

const defaultLimits: FileLimits = { bytes: 4 * 1024 * 1024 };

/** UTF-16 units of texts that are set aside at most; what does not fit is read again when it is asked for. */
const mostSetAside = 16 * 1024 * 1024;

/**
 * Files below one folder. Nothing outside it is opened: no `..` that leaves it, no symbolic link in any part of the path,
 * and of absolute paths only those that name something below the folder where it lies now. Only regular files are read,
 * whole, up to a size, and only when they are UTF-8 text.
 * The root itself may be reached by a link. Each file is read once until it is forgotten; later calls give the same
 * answer.
 */
export class ConfinedFiles {
  /** The folder on this machine. Never part of a message or a place. */
  readonly #root: string;
  /** What absolute paths of files below it begin with, a slash at the end: as it was named, and without links. */
  readonly #beginnings: readonly string[];
  readonly #limits: FileLimits;
  readonly #view: FolderView | undefined;
  readonly #cache = new Map<string, TextFile | FileFailure>();
  readonly #aside = new Map<string, TextFile>();
  #asideLength = 0;
  /** Folders that are known to be real folders and not links. */
  readonly #folders = new Set<string>();
  /** Of a walk: regular files, folders whose every name is known, those that were only seen, and names that are neither. */
  #walked: { readonly [kind in "files" | "folders" | "unlisted" | "others"]: ReadonlySet<string> } | undefined;

  #othersByFolder: ReadonlyMap<string, readonly string[]> | undefined;

  /** Throws what `realpath` throws when the root is not there. With a view, what the view has comes first. */
  constructor(root: string, limits: Partial<FileLimits> = {}, view?: FolderView) {
    this.#root = realpathSync(root);
    this.#beginnings = [...new Set([this.#root, resolve(root)])].map((folder) => (folder === "/" ? "/" : `${folder}/`));
    this.#view = view;
    if (view?.whole !== undefined) this.walked(view.whole);
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** The root folder's own name, without the way to it. */
  get name(): string {
    return basename(this.#root);
  }

  /** The text of a file named relative to the root, or the reason why not. Never throws for what is on the disk. */
  read(relativePath: string): TextFile | FileFailure {
    const asSpelt = this.#cache.get(relativePath) ?? this.#takenBack(relativePath);
    if (asSpelt !== undefined) return asSpelt;
    const path = this.within(relativePath);
    if (path === undefined) return outside(relativePath);
    const known = this.#cache.get(path) ?? this.#takenBack(path);
    if (known !== undefined) return known;
    const answer = this.opened(() => this.#read(path));
    this.#cache.set(path, answer);
    return answer;
  }

  /**
   * A path in its one spelling relative to the root, as `normalise`; also where it is absolute and the root is part of it,
   * as in the mounts of a server that is checked where it runs. Undefined when it names nothing below the root.
   */
  within(path: string): string | undefined {
    if (!path.startsWith("/")) return normalise(path);
    const plain = `${posix.normalize(path)}/`;
    const beginning = this.#beginnings.find((one) => plain.startsWith(one));
    return beginning === undefined ? undefined : normalise(plain.slice(beginning.length));
  }

  /** The bytes of a file, text or not, under the same rules. They are not kept. */
  bytes(relativePath: string): { readonly ok: true; readonly bytes: Buffer } | FileFailure {
    const path = this.within(relativePath);
    if (path === undefined) return outside(relativePath);
    const answer = this.#raw(path);
    return answer.ok ? { ok: true, bytes: Buffer.from(answer.bytes) } : answer;
  }

  /** Drops what is kept of the files read, once their facts are out. What was set aside stays. */
  forget(): void {
    this.#cache.clear();
  }

  /** Drops what was set aside too. */
  forgetAll(): void {
    this.#cache.clear();
    this.#aside.clear();
    this.#asideLength = 0;
  }

  /**
   * As `read`, for a look in passing at one of many files: as far as there is room, its text is put where `forget` does
   * not reach it, until it is read in earnest.
   */
  glance(relativePath: string): TextFile | FileFailure {
    const file = this.read(relativePath);
    if (file.ok) this.#setAside(file);
    return file;
  }

  #setAside(file: TextFile): void {
    this.#cache.delete(file.path);
    if (this.#asideLength + file.text.length > mostSetAside) return;
    this.#aside.set(file.path, file);
    this.#asideLength += file.text.length;
  }

  #takenBack(path: string): TextFile | undefined {
    const file = this.#aside.get(path);
    if (file === undefined) return undefined;
    this.#aside.delete(path);
    this.#asideLength -= file.text.length;
    this.#cache.set(path, file);
    return file;
  }

  /** Takes over what a walk of the root has just seen, so that it is not looked for again name by name. */
  walked(listing: Listing): void {
    const folders = new Set(listing.folders);
    for (const folder of folders) this.#folders.add(folder);
    this.#othersByFolder = undefined;
    this.#walked = {
      files: new Set(listing.files),
      folders,
      unlisted: new Set(listing.unlisted),
      others: new Set(listing.others),
    };
  }

  /** Opens a file that is not kept. */
  protected opened<T>(open: () => T): T {
    return open();
  }

  /** Gives a file that was just read the name that the person knows it by. */
  protected named(file: TextFile): TextFile {
    return file;
  }

  /** Whether something that is no folder stands there; what lies outside or behind a link is never looked at. */
  exists(relativePath: string): boolean {
    if (this.#walked?.files.has(relativePath)) return true;
    const path = this.within(relativePath);
    if (path === undefined || path === "") return false;
    if (this.#view?.file(path) !== undefined) return true;
    if (this.#view?.whole !== undefined) return this.#view.whole.others.includes(path);
    const listed = this.#asWalked(path);
    if (listed !== undefined) return listed;
    if (this.#linkIn(path) !== undefined) return false;
    try {
      return lstatSync(this.#full(path), { throwIfNoEntry: false })?.isDirectory() === false;
    } catch {
      return false;
    }
  }

  /**
   * Where a link points to, as it is written; undefined for what is none, lies outside or behind another link, and where
   * a view stands in place of the disk. Nothing is opened by it: what it names is asked for under its own path, or not.
   */
  linkText(relativePath: string): string | undefined {
    const path = this.within(relativePath);
    if (path === undefined || path === "" || this.#view?.whole !== undefined) return undefined;
    const isListed = this.#walked?.folders.has(folderOf(path)) === true;
    if (isListed && this.#walked?.others.has(path) !== true) return undefined;
    if (this.#view?.file(path) !== undefined || this.#linkIn(path) !== undefined) return undefined;
    try {
      return readlinkSync(this.#full(path));
    } catch {
      return undefined;
    }
  }

  /** What a walk saw right in a folder that is neither file nor folder: links, most often. Within the root, sorted. */
  othersIn(folder: string): readonly string[] {
    if (this.#walked === undefined || this.#walked.others.size === 0) return [];
    this.#othersByFolder ??= Map.groupBy([...this.#walked.others].sort(), folderOf);
    return this.#othersByFolder.get(folder) ?? [];
  }

  /** Whether a walk saw something there that is no folder; undefined for where it did not look, and what it did not tell. */
  #asWalked(path: string): boolean | undefined {
    if (this.#walked === undefined) return undefined;
    const { files, folders, others } = this.#walked;
    if (files.has(path)) return true;
    return folders.has(folderOf(path)) && !others.has(path) ? false : undefined;
  }

  #full(path: string): string {
    return `${this.#root}/${path}`;
  }

  /** Whether a real folder stands there (not a link to one). The root is `.` or the empty text. */
  isFolder(relativePath: string): boolean {
    const path = this.within(relativePath);
    if (path === undefined) return false;
    if (this.#view?.whole !== undefined) return path === "" || this.#view.whole.folders.includes(path);
    return path === "" || (this.#linkIn(path) === undefined && this.#isRealFolder(path));
  }

  /** The names in a folder, sorted; empty when it is not there, cannot be listed or lies behind a link. */
  list(relativePath: string): readonly string[] {
    const path = this.within(relativePath);
    if (path === undefined || (path !== "" && !this.isFolder(path))) return [];
    if (this.#view?.whole !== undefined) return namesIn(this.#view.whole, path);
    try {
      return readdirSync(this.#full(path)).sort();
    } catch {
      return [];
    }
  }

  #read(path: string): TextFile | FileFailure {
    const raw = this.#raw(path);
    if (!raw.ok) return raw;
    const answer = decode(path, raw.bytes, raw.mode);
    return answer.ok ? this.named(answer) : answer;
  }

  #raw(path: string): RawFile | FileFailure {
    const viewed = this.#view?.file(path);
    if (viewed !== undefined) {
      return viewed.bytes.length > this.#limits.bytes ? tooLarge(path, this.#limits.bytes) : { ok: true, ...viewed };
    }
    const whole = this.#view?.whole;
    if (whole === undefined) return this.#linkIn(path) ?? regularFile(this.#full(path), path, this.#limits.bytes);
    return whole.others.includes(path)
      ? failure(path, "link", "outside-root", `${path} is a link; links are not followed.`)
      : failure(path, "missing", "not-found", `${path} is not there.`);
  }

  /** A refusal when a part of the path is a link or no folder, else undefined. The last part is left to `open`. */
  #linkIn(path: string): FileFailure | undefined {
    // A folder is known to be real only once those above it are.
    if (this.#folders.has(folderOf(path))) return undefined;
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at);
      if (this.#folders.has(folder)) continue;
      let stat: ReturnType<typeof lstatSync>;
      try {
        stat = lstatSync(this.#full(folder));
      } catch (error) {
        return openFailure(path, error);
      }
      if (stat?.isSymbolicLink()) {
        return failure(
          path,
          "link",
          "outside-root",
          `${path} goes through the link ${folder}; links are not followed.`,
        );
      }
      if (stat?.isDirectory() !== true) {
        return failure(path, "missing", "not-found", `${path} is not there: ${folder} is not a folder.`);
      }
      this.#folders.add(folder);
    }
    return undefined;
  }

  #isRealFolder(path: string): boolean {
    if (this.#folders.has(path)) return true;
    if (this.#walked?.unlisted.has(path)) return true;
    if (this.#walked?.folders.has(folderOf(path))) return false;
    try {
      return lstatSync(this.#full(path)).isDirectory();
    } catch {
      return false;
    }
  }
}

/** The names right below a folder, sorted. */
function namesIn({ files, folders, others }: Listing, folder: string): readonly string[] {
  const below = folder === "" ? "" : `${folder}/`;
  const names = [...files, ...folders, ...others]
    .filter((path) => path !== "" && path.startsWith(below))
    .map((path) => path.slice(below.length).split("/")[0] ?? "");
  return [...new Set(names)].filter((name) => name !== "").sort();
}

/** What no path has that is in its one spelling already: an empty part, `.`, `..`, a backslash, a colon, a zero. */
// biome-ignore lint/complexity/useRegexLiterals: spelled as escapes so that no control character stands in this file.
const mayBeOtherwise = new RegExp("(?:^|/)\\.{0,2}(?:/|$)|[\\\\:\\0]");

/**
 * A path relative to the root in its one spelling (`a/b.yaml`; the root is the empty text),
 * or undefined when it leaves the root or cannot name a file.
 */
export function normalise(path: string): string | undefined {
  if (!mayBeOtherwise.test(path)) return path;
  if (isAbsolute(path) || path.startsWith("\\") || path.includes("\0")) return undefined;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Bytes as a file's text, or why they are none. */
export function decode(path: string, bytes: Uint8Array, mode: number | undefined): TextFile | FileFailure {
  if (bytes.includes(0)) {
    return isUtf16(bytes)
      ? failure(path, "not-utf8", "not-text", `${path} is UTF-16 text; save it as UTF-8.`)
      : failure(path, "binary", "not-text", `${path} is a binary file (it has a zero byte); expected UTF-8 text.`);
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return failure(path, "not-utf8", "not-text", `${path} is not valid UTF-8; save it as UTF-8 text.`);
  }
  return { ok: true, path, text, source: new Source(path, text), mode };
}
