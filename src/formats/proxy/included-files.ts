import { posix } from "node:path";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigInput } from "../config-format.ts";

/** A file that an import names, with the folder that its own imports start from. */
export interface ImportedFile {
  readonly file: TextFile;
  readonly folder: string;
}

export type Imported = { readonly files: readonly ImportedFile[] } | { readonly why: string };

/**
 * The files that `import` names: one, or all that a pattern with one `*` matches. `folder` is where the importing file
 * lies: relative to the main file, or absolute as the program sees it.
 */
export function importedFiles(pattern: string, folder: string, input: ConfigInput): Imported {
  const wanted = pattern.startsWith("/") ? posix.normalize(pattern) : posix.join(folder, pattern);
  const parts = wanted.split("/");
  const star = parts.findIndex((part) => /[*?[]/.test(part));
  if (star === -1) return oneFile(wanted, pattern, input);
  const head = parts.slice(0, star).join("/");
  const below = locateFolder(head === "" && wanted.startsWith("/") ? "/" : head, input);
  if (below === undefined) return { why: `\`${pattern}\` is not in this folder` };
  const rest = parts.slice(star);
  const start = below === "" ? "" : `${below}/`;
  const paths = input.paths.filter((path) => path.startsWith(start) && matches(path.slice(start.length), rest)).sort();
  const files: ImportedFile[] = [];
  for (const path of paths) {
    const file = input.files.read(path);
    if (!file.ok) return { why: `\`${path}\` cannot be read` };
    const inner = posix.dirname(path.slice(start.length));
    files.push({ file, folder: inner === "." ? head : posix.join(head, inner) });
  }
  return { files };
}

function oneFile(wanted: string, pattern: string, input: ConfigInput): Imported {
  const path = input.locate(wanted);
  const file = path === undefined ? undefined : input.files.read(path);
  if (file === undefined || !file.ok) return { why: `\`${pattern}\` is not in this folder` };
  return { files: [{ file, folder: posix.dirname(wanted) === "." ? "" : posix.dirname(wanted) }] };
}

/** The folder within the root that the program sees under a path; a file in it is asked for, since folders are not located. */
function locateFolder(folder: string, input: ConfigInput): string | undefined {
  const probe = input.locate(posix.join(folder, "_"));
  if (probe === undefined) return undefined;
  const found = posix.dirname(probe);
  return found === "." ? "" : found;
}

/** Whether each part of a path is what the pattern's part asks for. Files that begin with a dot are not meant by `*`. */
function matches(path: string, pattern: readonly string[]): boolean {
  const parts = path.split("/");
  if (parts.length !== pattern.length) return false;
  const last = parts.at(-1) ?? "";
  if (pattern.at(-1)?.startsWith("*") === true && last.startsWith(".")) return false;
  return parts.every((part, index) => matchesPart(part, pattern[index] ?? ""));
}

/** `*` stands for any characters, `?` for one; no other wildcard is known here. */
function matchesPart(part: string, pattern: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return part.length === pattern.length && alike(part, pattern);
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  if (part.length < before.length + after.length) return false;
  return alike(part.slice(0, before.length), before) && alike(part.slice(part.length - after.length), after);
}

function alike(text: string, pattern: string): boolean {
  for (let at = 0; at < pattern.length; at++) if (pattern[at] !== "?" && pattern[at] !== text[at]) return false;
  return true;
}
