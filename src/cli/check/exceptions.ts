import { realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { DeclaredException } from "../../contracts/resolved.ts";
import { exceptionFileNames, parseExceptions } from "../../controls/exceptions.ts";
import type { InputProblem } from "../../facts/system.ts";
import { RingwallError } from "../../lib/error.ts";
import { Source, wholeFile } from "../../lib/place.ts";
import { asPrefix, type ReadPathsOptions } from "../../platforms/read-paths.ts";
import { ConfinedFiles, type TextFile } from "../../repository/files.ts";

/** The exceptions of everything that is checked, and what in their files cannot be used. */
export interface FoundExceptions {
  readonly exceptions: readonly DeclaredException[];
  readonly problems: readonly InputProblem[];
  /** The folders that exceptions may be of; none where there is one alone. */
  readonly folders: readonly string[];
}

/**
 * Reads the exception files of the folders that are checked, or of the folders that named files lie in. A folder that
 * is not there has none. Where several paths are checked, those of a folder are for that folder alone. `named` is a file that
 * the person asked for with an option: throws when it cannot be read. `view` gives folders as they are not on the disk.
 */
export function findExceptions(
  paths: readonly string[],
  cwd: string,
  named: string | undefined,
  view: ReadPathsOptions["view"] = () => undefined,
): FoundExceptions {
  const exceptions: DeclaredException[] = [];
  const problems: InputProblem[] = [];
  const seen = new Set<string>();
  const read = (folder: string, name: string, shown: string, must: boolean, scope: Scope = {}) => {
    if (seen.has(`${folder}/${name}`)) return;
    seen.add(`${folder}/${name}`);
    const found = readFile(folder, name, must, view);
    if (found === undefined) return;
    if (!found.ok && must) {
      const hint = "`--exceptions` names a file that lists accepted risks; docs/usage.md shows one.";
      throw new RingwallError("not-found", found.message, { hint });
    }
    if (!found.ok) {
      problems.push({ severity: "error", message: found.message, place: { kind: "object", locator: shown } });
      return;
    }
    const parsed = parseExceptions(found.text, new Source(shown, found.text));
    exceptions.push(...parsed.exceptions.map((each) => ({ ...each, ...scope })));
    for (const { message, hint, place } of parsed.problems) {
      const where = place ?? wholeFile(found.source);
      problems.push({ severity: "error", message, place: where, ...(hint === undefined ? {} : { hint }) });
    }
  };
  const several = paths.length > 1;
  const folders = paths.map((path) => folderOf(path, cwd));
  for (const { folder, prefix, lone } of folders) {
    // Of a file that is checked alone, its folder's exceptions may be for the others there.
    const scope: Scope = { ...(several && { folder: prefix }), ...(!lone && { toldUnused: true as const }) };
    for (const name of exceptionFileNames) {
      read(folder, name, `${several ? prefix : ""}${name}`, false, scope);
    }
  }
  if (named !== undefined) {
    const folder = dirname(resolve(cwd, named));
    read(folder, basename(named), named, !isViewed(folder, view));
  }
  return { exceptions, problems, folders: several ? folders.map(({ prefix }) => prefix) : [] };
}

/** Whether a folder is looked at as it was: then a file that a change brings is not there, and nothing was accepted in it. */
function isViewed(folder: string, view: NonNullable<ReadPathsOptions["view"]>): boolean {
  try {
    return view(realpathSync(folder)) !== undefined;
  } catch {
    return false;
  }
}

type Scope = Pick<DeclaredException, "folder" | "toldUnused">;

function folderOf(path: string, cwd: string) {
  const full = resolve(cwd, path);
  const lone = isFile(full);
  return { folder: lone ? dirname(full) : full, prefix: prefixOf(path, cwd, lone), lone };
}

/** What the places of a path begin with where several are checked. */
export function prefixOf(path: string, cwd: string, lone = isFile(resolve(cwd, path))): string {
  return asPrefix(lone ? dirname(path) : path);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, or a link that leads to itself: whoever reads it says so.
    return false;
  }
}

type Read = TextFile | { readonly ok: false; readonly message: string };

function readFile(
  folder: string,
  name: string,
  must: boolean,
  view: NonNullable<ReadPathsOptions["view"]>,
): Read | undefined {
  let files: ConfinedFiles;
  try {
    files = new ConfinedFiles(folder, {}, view(realpathSync(folder)));
  } catch {
    return must ? { ok: false, message: `${name} is not there.` } : undefined;
  }
  const answer = files.read(name);
  return !answer.ok && answer.reason === "missing" && !must ? undefined : answer;
}
