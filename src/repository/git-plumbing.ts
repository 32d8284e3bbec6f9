import { devNull } from "node:os";
import { join } from "node:path";
import type { RunBytes } from "../lib/child-bytes.ts";
import { RingwallError } from "../lib/error.ts";

/**
 * A repository's own configuration can name programs: to watch files, to page, to filter, to fetch what is missing. None of
 * them is needed to read objects, and none may run: each is switched off where Git takes the command line's word over the
 * repository's, and every way to fetch is forbidden, for a partial clone would call its remote's program.
 *
 * Source: git-config(1), git(1) "Environment Variables", Git 2.39 to 2.51.
 */
const overruled = [
  "core.fsmonitor=false",
  `core.hooksPath=${devNull}`,
  `core.attributesFile=${devNull}`,
  "core.pager=cat",
  "core.sshCommand=false",
  "core.gitProxy=",
  "core.alternateRefsCommand=",
  "credential.helper=",
  "diff.external=",
  "gc.auto=0",
  "maintenance.auto=false",
  "protocol.allow=never",
  "safe.bareRepository=explicit",
  // Whose files they are does not matter to who runs nothing of them.
  "safe.directory=*",
  "submodule.recurse=false",
];

const switches = ["--no-pager", "--no-replace-objects", "--literal-pathspecs", "--no-optional-locks"];

const quiet: Readonly<Record<string, string>> = {
  GIT_ALLOW_PROTOCOL: "none",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_PROTOCOL_FROM_USER: "0",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
};

/** Asks Git for objects of a repository that is not trusted. Only commands that read objects are given to it. */
export class GitPlumbing {
  readonly #root: string;
  readonly #run: RunBytes;
  readonly #path: string;

  /** `root` is a working tree on this machine; `path` is where programs are looked for. */
  constructor(root: string, run: RunBytes, path: string) {
    this.#root = root;
    this.#run = run;
    this.#path = path;
  }

  /** What a command wrote, or undefined when it failed. Throws a `RingwallError` when Git is not there. */
  async ask(
    command: readonly string[],
    options: { readonly input?: string; readonly largest?: number } = {},
  ): Promise<Buffer | undefined> {
    const args = [
      ...switches,
      `--git-dir=${join(this.#root, ".git")}`,
      `--work-tree=${this.#root}`,
      ...overruled.flatMap((setting) => ["-c", setting]),
      ...command,
    ];
    const { code, stdout } = await this.#run("git", args, {
      environment: { ...quiet, PATH: this.#path },
      folder: this.#root,
      largest: options.largest ?? 64 * 1024 ** 2,
      ...(options.input === undefined ? {} : { input: options.input }),
    });
    return code === 0 ? stdout : undefined;
  }

  /**
   * The tree of a revision, as an object's name; undefined for `HEAD` where nothing was committed yet. Throws `usage` for
   * what is no revision and `not-found` for one that this clone does not have.
   */
  async treeOf(revision: string): Promise<string | undefined> {
    const asked = /^[^\s\p{Cc}]+$/u.test(revision) && !revision.startsWith("-");
    if (!asked) {
      throw new RingwallError("usage", `"${revision}" is not the name of a revision.`, {
        hint: "Name a branch, a tag or a commit: `main`, `v1.2`, `HEAD~1`.",
      });
    }
    const answer = await this.ask(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{tree}`]);
    const name = answer?.toString("latin1").trim().split("\n").at(-1) ?? "";
    if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(name)) return name;
    if (revision === "HEAD" && (await this.ask(["rev-parse", "--git-dir"])) !== undefined) return undefined;
    throw new RingwallError("not-found", `This clone has no revision "${revision}".`, {
      hint: howToFetch(revision),
    });
  }
}

/** How a revision that is not here is brought: `git fetch` takes names and commits alone, and keeps a name as `FETCH_HEAD`. */
function howToFetch(revision: string): string {
  if (/[~^@:{}]/.test(revision)) {
    return "In a shallow clone `git fetch --unshallow` brings what is older; otherwise name a branch, a tag or a commit that is here.";
  }
  const name = revision.replace(/^origin\//, "");
  const then = /^[0-9a-f]{7,}$/.test(name) ? "" : ", and name `FETCH_HEAD` in its place";
  return `Fetch it first with \`git fetch --depth=1 origin ${name}\`${then}; or name one that is here.`;
}
