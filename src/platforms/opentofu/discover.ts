import { posix } from "node:path";
import { byFolder } from "../../formats/hcl/module/by-folder.ts";
import { isModuleFile } from "../../formats/hcl/module/module-source.ts";
import { normalise } from "../../repository/files.ts";
import type { Repository } from "../../repository/repository.ts";

/** A folder that is a root module: no other module of the repository calls it. */
export interface RootModule {
  readonly folder: string;
  /** Its own files that are read: module files and those with values, relative to the repository's root. */
  readonly files: readonly string[];
  /** Folders of the modules that it calls, directly or through others. */
  readonly calls: readonly string[];
  /** Whether one of its files, or of the modules that it calls, asks for what a pattern finds. */
  mentions(pattern: RegExp): boolean;
}

const localSource = /^[ \t]*"?source"?\s*[=:]\s*"(\.{1,2}(?:\/[^"$]*)?)"/gm;

/** The root modules of a repository. A pattern over the texts, not a parse: every folder with module files is asked. */
export function rootModules(repository: Repository): readonly RootModule[] {
  const folders = new Map(
    [...byFolder(repository.paths)].filter(([folder, names]) => names.some(isModuleFile) && !isVendored(folder)),
  );
  const texts = new Map([...folders].map(([folder, names]) => [folder, textsOf(repository, folder, names)] as const));
  const calls = new Map([...texts].map(([folder, all]) => [folder, calledFrom(folder, all, folders)] as const));
  const called = new Set([...calls].flatMap(([folder, targets]) => targets.filter((target) => target !== folder)));
  return [...folders]
    .filter(([folder]) => !called.has(folder) || callsItself(folder, calls))
    .map(([folder, names]) => {
      const reached = reachedFrom(folder, calls);
      return {
        folder,
        files: names.filter(isRootFile).map((name) => posix.join(folder, name)),
        calls: reached.filter((other) => other !== folder),
        mentions: (pattern) => reached.some((each) => texts.get(each)?.some((text) => pattern.test(text)) === true),
      };
    });
}

/** What `tofu init` fetched, and what others keep for their tools. */
function isVendored(folder: string): boolean {
  return /(?:^|\/)(?:\.terraform|\.terragrunt-cache|node_modules|vendor)(?:\/|$)/.test(folder);
}

function isRootFile(name: string): boolean {
  return isModuleFile(name) || /^terraform\.tfvars(?:\.json)?$|\.auto\.tfvars(?:\.json)?$/.test(name);
}

function textsOf(repository: Repository, folder: string, names: readonly string[]): readonly string[] {
  return names.filter(isModuleFile).flatMap((name) => {
    const file = repository.files.glance(posix.join(folder, name));
    return file.ok ? [file.text] : [];
  });
}

function calledFrom(
  folder: string,
  texts: readonly string[],
  folders: ReadonlyMap<string, unknown>,
): readonly string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(localSource)].flatMap(([, source = ""]) => {
      const target = normalise(posix.join(folder, source));
      return target !== undefined && folders.has(target) ? [target] : [];
    }),
  );
}

/** Modules that call one another in a circle have no root; each of them counts as one. */
function callsItself(folder: string, calls: ReadonlyMap<string, readonly string[]>): boolean {
  return (calls.get(folder) ?? []).some((target) => target !== folder && reachedFrom(target, calls).includes(folder));
}

function reachedFrom(folder: string, calls: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const reached = new Set([folder]);
  for (const at of reached) for (const target of calls.get(at) ?? []) reached.add(target);
  return [...reached];
}
