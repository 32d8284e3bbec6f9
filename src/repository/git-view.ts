import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { gitDirOf } from "./git-dir.ts";
import { readGitIndex, type TrackedPaths } from "./git-index.ts";
import { IgnoreRules } from "./ignore-rules.ts";
import { regularFile } from "./regular-file.ts";

/** Larger files under `.git` are not read. */
const maximumBytes = 256 * 1024 * 1024;
const maximumIgnoreBytes = 4 * 1024 * 1024;

/**
 * What Git knows of the files of one working tree, read from `.gitignore`, `.git/info/exclude` and `.git/index`. Git
 * itself is never run, for a repository's own configuration can name programs to run. The user's own excludes
 * (`core.excludesFile`) do not count: who clones the repository does not have them.
 */
export class GitView {
  readonly #root: string;
  readonly #changed: (path: string) => string | undefined;
  readonly #rules = new Map<string, IgnoreRules | undefined>();
  readonly #dir: ReturnType<typeof gitDirOf>;
  #tracked: TrackedPaths | undefined;

  /**
   * `root` is a folder on this machine that has a `.git`. `changed` gives the text of an ignore file (absolute)
   * that is not what lies on the disk.
   */
  constructor(root: string, changed: (path: string) => string | undefined = () => undefined) {
    this.#root = root;
    this.#changed = changed;
    this.#dir = gitDirOf(root);
  }

  /** Why nothing can be told but what the ignore files say, as a clause; undefined where Git's own files are known. */
  get whyUnknown(): string | undefined {
    return "why" in this.#dir ? this.#dir.why : undefined;
  }

  /** Whether Git would leave out a path, relative to the working tree, if it were not tracked already. */
  ignores(path: string): boolean {
    const parts = path.split("/");
    // A folder that is left out takes all that is in it with it; nothing below can be taken back.
    for (let depth = 1; depth < parts.length; depth++) {
      if (this.#judge(parts.slice(0, depth), true)) return true;
    }
    return this.#judge(parts, false);
  }

  /** Every tracked path, or why that cannot be told. Read once. */
  get tracked(): TrackedPaths {
    this.#tracked ??= this.#readIndex();
    return this.#tracked;
  }

  /** The file nearest to the path that says anything decides. */
  #judge(parts: readonly string[], isFolder: boolean): boolean {
    for (let depth = parts.length - 1; depth >= 0; depth--) {
      const rules = this.#rulesOf(parts.slice(0, depth).join("/"));
      const verdict = rules?.judge(parts.slice(depth).join("/"), isFolder);
      if (verdict !== undefined) return verdict === "ignored";
    }
    return this.#exclude()?.judge(parts.join("/"), isFolder) === "ignored";
  }

  #rulesOf(folder: string): IgnoreRules | undefined {
    return this.#load(join(this.#root, folder, ".gitignore"));
  }

  #exclude(): IgnoreRules | undefined {
    return "why" in this.#dir ? undefined : this.#load(join(this.#dir.common, "info", "exclude"));
  }

  #load(file: string): IgnoreRules | undefined {
    if (!this.#rules.has(file)) {
      const changed = this.#changed(file);
      const bytes = changed === undefined ? bytesOf(file, maximumIgnoreBytes) : Buffer.from(changed);
      this.#rules.set(file, bytes instanceof Buffer ? new IgnoreRules(bytes.toString("utf8")) : undefined);
    }
    return this.#rules.get(file);
  }

  #readIndex(): TrackedPaths {
    if ("why" in this.#dir) return { why: this.#dir.why };
    const bytes = bytesOf(join(this.#dir.own, "index"), maximumBytes);
    // A fresh repository has no index yet, and nothing is tracked.
    if (bytes === "missing") return { paths: new Set() };
    if (bytes === "refused") return { why: "Git's index cannot be read" };
    const config = bytesOf(join(this.#dir.common, "config"), maximumIgnoreBytes);
    const text = config instanceof Buffer ? config.toString("utf8") : "";
    return readGitIndex(bytes, /^[ \t]*objectformat[ \t]*=[ \t]*"?sha256"?[ \t]*$/im.test(text) ? 32 : 20);
  }
}

/** A regular file's bytes, not through a link at its end. */
function bytesOf(path: string, cap: number): Buffer | "missing" | "refused" {
  const file = regularFile(path, path, cap);
  if (file.ok) return Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  return file.reason === "missing" ? "missing" : "refused";
}

/**
 * The nearest folder above (or the folder itself) that has a `.git`, with what that is; undefined when there is none.
 * Only whether it is there is looked at.
 */
export function enclosingGitRoot(folder: string): { root: string; kind: "folder" | "file" | "link" } | undefined {
  for (let current = folder; ; current = dirname(current)) {
    try {
      const stat = lstatSync(join(current, ".git"));
      return { root: current, kind: stat.isSymbolicLink() ? "link" : stat.isDirectory() ? "folder" : "file" };
    } catch {
      // Not here: look one folder up.
    }
    if (dirname(current) === current) return undefined;
  }
}
