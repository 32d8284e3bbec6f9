/**
 * Git's own program, asked for the objects of somebody else's repository and for nothing else.
 *
 * A repository's configuration can name programs to run, hooks can be there, a partial clone fetches what is missing. So
 * Git is never pointed at the repository: it gets an empty one that was made for this moment, and the folder of the
 * objects beside it. Nothing of the repository is read but objects.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamedProgram, StreamProgram } from "../../lib/stream-program.ts";
import type { GitFolder } from "./git-folder.ts";

export interface GitPrograms {
  readonly start: StreamProgram;
  /** Where programs are looked for: the person's own PATH. */
  readonly path: string;
}

export class GitObjects {
  readonly #programs: GitPrograms;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #running = new Set<StreamedProgram>();

  constructor(git: GitFolder, programs: GitPrograms) {
    this.#programs = programs;
    this.#folder = mkdtempSync(join(tmpdir(), "ringwall-history-"));
    mkdirSync(join(this.#folder, "refs"));
    mkdirSync(join(this.#folder, "objects"));
    writeFileSync(join(this.#folder, "HEAD"), "ref: refs/heads/none\n");
    const format = git.sha256 ? "\tobjectformat = sha256\n" : "";
    const version = `[core]\n\trepositoryformatversion = ${git.sha256 ? 1 : 0}\n\tbare = true\n[extensions]\n`;
    writeFileSync(join(this.#folder, "config"), `${version}${format}`);
    if (git.shallow.length > 0) writeFileSync(join(this.#folder, "shallow"), `${git.shallow.join("\n")}\n`);
    this.#environment = {
      GIT_ALLOW_PROTOCOL: "none",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_DIR: this.#folder,
      GIT_NO_LAZY_FETCH: "1",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_OBJECT_DIRECTORY: git.objects,
      GIT_OPTIONAL_LOCKS: "0",
      GIT_TERMINAL_PROMPT: "0",
      LC_ALL: "C",
      PATH: programs.path,
    };
  }

  start(...args: readonly string[]): StreamedProgram {
    const started = this.#programs.start("git", ["--no-pager", "--no-replace-objects", ...args], {
      environment: this.#environment,
      folder: this.#folder,
    });
    this.#running.add(started);
    return started;
  }

  /** Ends what still runs. */
  kill(): void {
    for (const program of this.#running) program.kill();
  }

  /** Ends what still runs, and takes the empty repository away. */
  close(): void {
    this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
