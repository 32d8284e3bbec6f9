/** The secrets that stood in any version of any file, by everything that branches, tags and remotes lead to. */
import { createHash } from "node:crypto";
import type { SecretInHistory } from "../../facts/secrets-in-files.ts";
import { RingwallError } from "../../lib/error.ts";
import { encryptedBy } from "../encrypted-text.ts";
import type { FoundSecret } from "../secret-scan/found.ts";
import { secretsIn } from "../secret-scan/scan.ts";
import { isExample, isWorthScanning } from "../secret-scan/worth-scanning.ts";
import type { GitFolder } from "./git-folder.ts";
import { GitObjects, type GitPrograms } from "./git-objects.ts";
import { ByteReader, linesOf } from "./lines.ts";

export interface HistoryLimits {
  /** Versions of files that are read. */
  readonly versions: number;
  /** Bytes of one version; a larger one is passed over, and counted. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** Different secrets; of a history with more the first are told. */
  readonly secrets: number;
}

export const defaultHistoryLimits: HistoryLimits = {
  versions: 1_000_000,
  bytes: 1024 * 1024,
  milliseconds: 5 * 60_000,
  secrets: 500,
};

export interface HistoryRequest {
  readonly git: GitFolder;
  readonly programs: GitPrograms;
  /** Only files below this folder of the working tree; empty for all. */
  readonly below: string;
  readonly limits: HistoryLimits;
  /** Milliseconds of a clock that only goes forward. */
  clock(): number;
  /** Told now and then how many versions were read. */
  onProgress?(versions: number): void;
}

export interface SearchedHistory {
  readonly secrets: readonly Omit<SecretInHistory, "place">[];
  /** Versions of files that were read. */
  readonly versions: number;
  /** Paths of versions that are too large to be read, each as often as it is one. */
  readonly tooLarge: readonly string[];
  /** Why not all was searched, as a clause; undefined when all was. */
  readonly incomplete: string | undefined;
}

/** One secret, told apart from others by a sum that never leaves memory. */
interface Group {
  readonly what: string;
  readonly by: FoundSecret["by"];
  /** Versions of files that hold it: their names as objects, with a path and a line. */
  readonly versions: Map<string, { readonly path: string; readonly line: number }>;
}

/**
 * Searches a history. Rejects with a `RingwallError`: `not-found` when Git is not installed, `unreadable` when the history
 * is damaged.
 */
export async function searchHistory(request: HistoryRequest): Promise<SearchedHistory> {
  if (request.git.tips.length === 0) return { secrets: [], versions: 0, tooLarge: [], incomplete: undefined };
  const objects = new GitObjects(request.git, request.programs);
  try {
    return await new Search(request, objects).run();
  } finally {
    objects.close();
  }
}

const tooLong = "it took too long";

class Search {
  readonly #request: HistoryRequest;
  readonly #objects: GitObjects;
  readonly #until: number;
  readonly #groups = new Map<string, Group>();
  readonly #tooLarge: string[] = [];
  #versions = 0;
  #incomplete: string | undefined;

  constructor(request: HistoryRequest, objects: GitObjects) {
    this.#request = request;
    this.#objects = objects;
    this.#until = request.clock() + request.limits.milliseconds;
  }

  async run(): Promise<SearchedHistory> {
    // A damaged history may keep Git busy without a word.
    const timer = setTimeout(() => {
      this.#stop(tooLong);
      this.#objects.kill();
    }, this.#request.limits.milliseconds);
    try {
      await this.#read(await this.#sized(await this.#list()));
      const secrets = this.#groups.size === 0 ? [] : await this.#described();
      return { secrets, versions: this.#versions, tooLarge: this.#tooLarge, incomplete: this.#incomplete };
    } finally {
      clearTimeout(timer);
    }
  }

  get #outOfTime(): boolean {
    return this.#request.clock() > this.#until;
  }

  #stop(why: string): void {
    this.#incomplete ??= why;
  }

  /** Every version of every file that is worth a look: its name as an object, and a path that it had. */
  async #list(): Promise<ReadonlyMap<string, string>> {
    const { below, limits } = this.#request;
    const paths = new Map<string, string>();
    const program = await this.#fed(
      "rev-list",
      "--objects",
      "--ignore-missing",
      "--missing=allow-any",
      "--filter=object:type=blob",
      "--stdin",
    );
    for await (const line of linesOf(program.output)) {
      const space = line.indexOf(" ");
      if (space === -1) continue;
      const path = Buffer.from(line.slice(space + 1), "latin1").toString("utf8");
      if ((below !== "" && !path.startsWith(`${below}/`)) || !isWorthScanning(path) || isForeign(path)) continue;
      if (paths.size >= limits.versions) this.#stop(`there are more than ${limits.versions} versions of files`);
      else if (this.#outOfTime) this.#stop(tooLong);
      else {
        paths.set(line.slice(0, space), path);
        continue;
      }
      program.kill();
      return paths;
    }
    await this.#succeeded(program);
    return paths;
  }

  /** Those of them that are not too large; what this clone lacks is none of them. */
  async #sized(paths: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
    const { program, feeding } = this.#askedFor(paths, "--batch-check");
    const fitting = new Map<string, string>();
    for await (const line of linesOf(program.output)) {
      if (this.#outOfTime) {
        this.#stop(tooLong);
        program.kill();
        break;
      }
      const [, name = "", size = ""] = /^([0-9a-f]+) blob (\d+)$/.exec(line) ?? [];
      const path = paths.get(name);
      if (path === undefined) continue;
      if (Number(size) > this.#request.limits.bytes) this.#tooLarge.push(path);
      else fitting.set(name, path);
    }
    await feeding;
    await this.#succeeded(program);
    return fitting;
  }

  #askedFor(paths: ReadonlyMap<string, string>, how: "--batch" | "--batch-check") {
    const program = this.#objects.start("cat-file", how, "--buffer");
    const feeding = (async () => {
      for (const name of paths.keys()) await program.write(`${name}\n`);
      program.end();
    })();
    return { program, feeding };
  }

  async #read(paths: ReadonlyMap<string, string>): Promise<void> {
    const { program, feeding } = this.#askedFor(paths, "--batch");
    const reader = new ByteReader(program.output);
    for (const [name, path] of paths) {
      if (this.#outOfTime) {
        this.#stop(tooLong);
        program.kill();
        break;
      }
      const header = await reader.line();
      if (header === undefined) break;
      const size = /^[0-9a-f]+ blob (\d+)$/.exec(header)?.[1];
      // What a shallow or partial clone lacks has a header and nothing else.
      if (size === undefined) continue;
      const bytes = await reader.bytes(Number(size) + 1);
      if (bytes === undefined) break;
      this.#look(name, path, bytes.subarray(0, -1));
    }
    await feeding;
    await this.#succeeded(program);
  }

  #look(name: string, path: string, bytes: Buffer): void {
    this.#versions += 1;
    if (this.#versions % 500 === 0) this.#request.onProgress?.(this.#versions);
    if (bytes.includes(0)) return;
    const text = bytes.toString("utf8");
    if (encryptedBy(text) !== undefined) return;
    for (const { what, by, offset, end } of secretsIn(text, path, "all")) {
      const key = createHash("sha256").update(text.slice(offset, end)).digest("base64");
      let group = this.#groups.get(key);
      if (group === undefined) {
        if (this.#groups.size >= this.#request.limits.secrets) {
          this.#stop(`there are more than ${this.#request.limits.secrets} secrets in it`);
          continue;
        }
        group = { what, by, versions: new Map() };
        this.#groups.set(key, group);
      }
      if (!group.versions.has(name)) group.versions.set(name, { path, line: lineOf(text, offset) });
    }
  }

  /** The secrets with the commits that brought them in, and whether they are still there. */
  async #described(): Promise<SearchedHistory["secrets"]> {
    const wanted = new Set([...this.#groups.values()].flatMap(({ versions }) => [...versions.keys()]));
    const brought = await this.#commitsOf(wanted);
    const now = await this.#present();
    return [...this.#groups.values()].map(({ what, by, versions }) => {
      const known = [...versions].map(([name, at]) => ({
        ...at,
        name,
        example: isExample(at.path),
        ...(brought.get(name) ?? noCommit),
      }));
      // What also stands in a manual is told where it does not.
      const [first] = known.sort(
        (a, b) => Number(a.example) - Number(b.example) || a.time - b.time || (a.path < b.path ? -1 : 1),
      );
      const { path, line, commit, date, example } = first ?? { path: "?", line: 1, example: false, ...noCommit };
      const stillThere = known.some(({ name }) => now.has(name));
      return { what, by, example, commit, date, path, line, times: versions.size, stillThere };
    });
  }

  /** For versions of files the oldest commit that has them; Git tells the newest first. */
  async #commitsOf(wanted: ReadonlySet<string>): Promise<Map<string, Commit>> {
    const program = await this.#fed(
      "log",
      "--ignore-missing",
      "--stdin",
      "--raw",
      "--no-abbrev",
      "--no-renames",
      "--no-ext-diff",
      "--no-textconv",
      "--no-show-signature",
      "--root",
      "-m",
      "--format=commit %H %ct %cs",
    );
    const found = new Map<string, Commit>();
    let commit: Commit = noCommit;
    for await (const line of linesOf(program.output)) {
      if (this.#outOfTime) {
        program.kill();
        return found;
      }
      if (line.startsWith("commit ")) {
        const [, name = "", time = "", date = ""] = line.split(" ");
        commit = { commit: name.slice(0, 10), time: Number(time), date };
      } else if (line.startsWith(":")) {
        const name = line.split(" ", 4)[3] ?? "";
        if (wanted.has(name)) found.set(name, commit);
      }
    }
    return found;
  }

  /** Names of the versions that are checked out. */
  async #present(): Promise<ReadonlySet<string>> {
    const { head } = this.#request.git;
    const present = new Set<string>();
    if (head === undefined) return present;
    const program = this.#objects.start("ls-tree", "-r", "--full-tree", "-z", "--end-of-options", head);
    program.end();
    for await (const line of linesOf(program.output)) {
      if (this.#outOfTime) break;
      for (const entry of line.split("\0")) present.add(/^\d+ blob ([0-9a-f]+)\t/.exec(entry)?.[1] ?? "");
    }
    return present;
  }

  /** A program that is told what every reference is at. */
  async #fed(...args: readonly string[]): Promise<ReturnType<GitObjects["start"]>> {
    const program = this.#objects.start(...args);
    await program.write(`${this.#request.git.tips.join("\n")}\n`);
    program.end();
    return program;
  }

  async #succeeded(program: ReturnType<GitObjects["start"]>): Promise<void> {
    const { code, complaint } = await program.ended;
    if (code === 0 || this.#incomplete !== undefined) return;
    const why = complaint.split("\n").find((line) => /^(?:fatal|error):/.test(line)) ?? "it ended without a word";
    throw new RingwallError("unreadable", "Git cannot read the history.", {
      hint: `It says: ${why.slice(0, 200)}. \`git fsck\` shows what is damaged.`,
    });
  }
}

interface Commit {
  readonly commit: string;
  readonly time: number;
  readonly date: string;
}

const noCommit: Commit = { commit: "an unknown commit", time: Number.MAX_SAFE_INTEGER, date: "" };

/** Other people's code and what programs write, as the walk of a folder passes it over too. */
function isForeign(path: string): boolean {
  return /(?:^|\/)(?:node_modules|bower_components|vendor|\.venv|__pycache__|\.terraform|\.tox)\//.test(path);
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
