/** `check --since`: the folders that are checked as they were in an earlier revision, and what is known of them. */
import { realpathSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import type { Finding } from "../../contracts/verdict.ts";
import type { WrittenException } from "../../controls/waivers.ts";
import { runBytes } from "../../lib/child-bytes.ts";
import { RingwallError } from "../../lib/error.ts";
import { describePlace } from "../../lib/place.ts";
import { readTextFile } from "../../lib/read-text-file.ts";
import type { FolderView } from "../../repository/folder-view.ts";
import { enclosingGitRoot } from "../../repository/git-view.ts";
import { openRepository } from "../../repository/repository.ts";
import { Revision } from "../../repository/revision.ts";
import type { Context } from "../command.ts";
import type { ReadNamed } from "./profile.ts";

/** An earlier revision of everything that is checked. */
export class Earlier {
  readonly revision: string;
  readonly #revisions: ReadonlyMap<string, Revision>;
  readonly #views = new Map<string, FolderView>();

  private constructor(revision: string, revisions: ReadonlyMap<string, Revision>) {
    this.revision = revision;
    this.#revisions = revisions;
  }

  /**
   * Reads it for the paths that are checked, and for files that the person named beside them. Throws a `RingwallError` when
   * a path lies in no Git repository, or the clone does not have the revision.
   */
  static async read(
    revision: string,
    paths: readonly string[],
    named: readonly string[],
    context: Context,
  ): Promise<Earlier> {
    const folders = Map.groupBy(
      paths.map((path) => locatedFolder(path, context.cwd)),
      ({ root }) => root,
    );
    const wantedFiles = new Set(named.map((path) => resolve(context.cwd, path)));
    const revisions = new Map<string, Revision>();
    for (const [root, group] of folders) {
      const prefixes = group.map(({ prefix }) => prefix);
      const wanted = (path: string) =>
        prefixes.some((prefix) => path.startsWith(prefix)) || wantedFiles.has(resolve(root, path));
      const git = { run: runBytes, path: context.env.PATH ?? "" };
      revisions.set(root, await Revision.read(root, revision, wanted, git));
    }
    return new Earlier(revision, revisions);
  }

  /** A folder (absolute, without links) as it was. */
  readonly view = (folder: string): FolderView | undefined => {
    const known = this.#views.get(folder);
    if (known !== undefined) return known;
    for (const [root, revision] of this.#revisions) {
      const prefix = prefixOf(root, folder);
      if (prefix === undefined) continue;
      const view = revision.viewOf(openRepository(folder), prefix);
      this.#views.set(folder, view);
      return view;
    }
    return undefined;
  };

  /** A file that the person named, as it was; one outside of the repositories is read as it is. */
  readonly read: ReadNamed = async (path, shownAs, largest) => {
    for (const [root, revision] of this.#revisions) {
      const within = prefixOf(root, realOr(path));
      if (within !== undefined)
        return revision
          .bytesOf(within.slice(0, -1))
          ?.toString("utf8")
          .replace(/^\ufeff/, "");
    }
    return readTextFile(path, shownAs, largest);
  };
}

/** The folder that a path is checked in, its working tree, and the way there from its root. */
function locatedFolder(path: string, cwd: string): { readonly root: string; readonly prefix: string } {
  const full = realOr(resolve(cwd, path));
  const folder = statSync(full, { throwIfNoEntry: false })?.isDirectory() === true ? full : dirname(full);
  const git = enclosingGitRoot(folder);
  if (git === undefined || git.kind === "link") {
    throw new RingwallError("usage", `${path} lies in no Git repository, so there is no earlier revision of it.`, {
      hint: "Leave `--since` out; a baseline (`--write-baseline FILE`, `--baseline FILE`) works without Git.",
    });
  }
  return { root: git.root, prefix: prefixOf(git.root, folder) ?? "" };
}

/** A path from a root on, empty or with a slash at its end; undefined for one that lies elsewhere. */
function prefixOf(root: string, path: string): string | undefined {
  const way = relative(root, path).split(sep).join("/");
  if (way === "") return "";
  return way === ".." || way.startsWith("../") ? undefined : `${way}/`;
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The exceptions that are not among those of then: made by the change itself, they hold once it is merged. */
export function addedExceptions(
  now: readonly WrittenException[],
  then: readonly WrittenException[],
): readonly WrittenException[] {
  const known = new Set(then.map(exceptionKey));
  return now.filter((exception) => !known.has(exceptionKey(exception)));
}

/** Tells whether a finding is waived by one of these. */
export function waivedBy(exceptions: readonly WrittenException[]): (finding: Finding) => boolean {
  const known = new Set(exceptions.map(({ control, place }) => `${control} ${describePlace(place)}`));
  return ({ control, waiver }) => waiver !== undefined && known.has(`${control} ${describePlace(waiver.place)}`);
}

/** An exception by what it says and the file that it stands in; where in the file is no part of it. */
function exceptionKey(exception: WrittenException): string {
  const { control, reason, owner, until, place } = exception;
  const subject = "subject" in exception ? exception.subject : undefined;
  const file = place.kind === "file" ? place.source.path : describePlace(place);
  return JSON.stringify([control, subject, reason, owner, until, file]);
}
