import { realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { DeclaredException } from "../../contracts/resolved.ts";
import { exceptionFileNames, parseExceptions } from "../../controls/exceptions.ts";
import type { InputProblem } from "../../facts/system.ts";
import { RingwallError } from "../../lib/error.ts";
import { Source, wholeFile } from "../../lib/place.ts";
import type { ReadPathsOptions } from "../../platforms/read-paths.ts";
import { ConfinedFiles, type TextFile } from "../../repository/files.ts";

/** The exceptions of everything that is checked, and what in their files cannot be used. */
export interface FoundExceptions {
  readonly exceptions: readonly DeclaredException[];
  readonly problems: readonly InputProblem[];
}

/**
 * Reads the exception files of the folders that are checked, or of the folders that named files lie in. A folder that
 * is not there has none. `named` is a file that the person asked for with an option: throws when it cannot be read.
 * `view` gives folders as they are not on the disk.
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
  const read = (folder: string, name: string, shown: string, must: boolean) => {
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
    exceptions.push(...parsed.exceptions);
    for (const { message, hint, place } of parsed.problems) {
      const where = place ?? wholeFile(found.source);
      problems.push({ severity: "error", message, place: where, ...(hint === undefined ? {} : { hint }) });
    }
  };
  for (const path of paths) {
    const { folder, shown } = folderOf(path, cwd);
    const prefix = paths.length > 1 && shown !== "." ? `${shown}/` : "";
    for (const name of exceptionFileNames) read(folder, name, `${prefix}${name}`, false);
  }
  if (named !== undefined) read(dirname(resolve(cwd, named)), basename(named), named, true);
  return { exceptions, problems };
}

function folderOf(path: string, cwd: string): { readonly folder: string; readonly shown: string } {
  const full = resolve(cwd, path);
  const shown = path.replace(/\/+$/, "");
  return isFile(full) ? { folder: dirname(full), shown: dirname(shown) } : { folder: full, shown };
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
