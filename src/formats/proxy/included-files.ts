import { posix } from "node:path";
import type { TextFile } from "../../repository/files.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import type { ConfigInput } from "../config-format.ts";

/** A file that another includes, with the folder that paths in it may start from. */
export interface IncludedFile {
  readonly file: TextFile;
  readonly folder: string;
}

/** What finding files takes of a reader's input. */
export type Opener = Pick<ConfigInput, "locate" | "files" | "paths">;

export type Included =
  /** `missing`: why what a link stands for is not among them, as a clause. */
  { readonly files: readonly IncludedFile[]; readonly missing?: string } | { readonly why: string };

/**
 * The files that an include names: one, or all that a pattern matches, in the order of their names. `folder` is where a
 * relative path starts from: relative to the main file, or absolute as the program sees it. `why` is a clause.
 */
export function includedFiles(pattern: string, folder: string, input: Opener): Included {
  const wanted = pattern.startsWith("/") ? posix.normalize(pattern) : posix.join(folder, pattern);
  const parts = wanted.split("/");
  const star = parts.findIndex((part) => /[*?[]/.test(part));
  if (star === -1) return oneFile(wanted, pattern, input);
  const head = parts.slice(0, star).join("/");
  const below = locateFolder(head === "" && wanted.startsWith("/") ? "/" : head, input);
  const rest = parts.slice(star);
  if (below === undefined || rest.some((part) => part.includes("[")))
    return { why: `\`${pattern}\` is not in this folder` };
  const start = below === "" ? "" : `${below}/`;
  const paths = pathIndexOf(input.paths)
    .below(below)
    .filter((path) => matches(path.slice(start.length), rest));
  const links = input.files.othersIn(below).filter((path) => matches(path.slice(start.length), rest));
  // Of a file that is named alone nothing beside it is among the paths, and what Git ignores may be elsewhere.
  if (paths.length + links.length === 0 && isUnseen(below, input))
    return { why: `\`${pattern}\` is not in what is checked` };
  const files: IncludedFile[] = [];
  let missing: string | undefined;
  for (const path of [...paths, ...links].sort()) {
    const file = input.files.read(path);
    const linked = file.ok ? file : linkedFile(path, posix.join(head, path.slice(start.length)), input);
    if (linked === undefined && !file.ok && file.reason === "link") {
      missing ??= `\`${path}\` is a link to what is not in this folder`;
      continue;
    }
    if (linked === undefined) return { why: `\`${path}\` cannot be read` };
    const inner = posix.dirname(path.slice(start.length));
    files.push({ file: linked, folder: inner === "." ? head : posix.join(head, inner) });
  }
  return missing === undefined ? { files } : { files, missing };
}

/**
 * The file that a link stands for, read under its own path as every other: what the program would find where the link
 * points to, seen from `wanted`, the link's path as the program sees it. A link to a link is not followed.
 */
export function linkedFile(path: string, wanted: string, { files, locate }: Opener): TextFile | undefined {
  const text = files.linkText(path);
  if (text === undefined) return undefined;
  const found = locate(text.startsWith("/") ? posix.normalize(text) : posix.join(posix.dirname(wanted), text));
  const file = found === undefined ? undefined : files.read(found);
  return file?.ok === true ? file : undefined;
}

/** Whether a folder may hold files that are not among the paths: it is not there, or none of what lies in it is. */
function isUnseen(folder: string, { files, paths }: Opener): boolean {
  if (!files.isFolder(folder)) return true;
  return pathIndexOf(paths).below(folder).length === 0 && files.list(folder).length > 0;
}

function oneFile(wanted: string, pattern: string, input: Opener): Included {
  const path = input.locate(wanted);
  const read = path === undefined ? undefined : input.files.read(path);
  const file = path === undefined || read?.ok === true ? read : linkedFile(path, wanted, input);
  if (file === undefined || !file.ok) return { why: `\`${pattern}\` is not in this folder` };
  return { files: [{ file, folder: posix.dirname(wanted) === "." ? "" : posix.dirname(wanted) }] };
}

/** The folder within the root that the program sees under a path; a file in it is asked for, since folders are not located. */
export function locateFolder(folder: string, input: Opener): string | undefined {
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

/** `*` stands for any characters, `?` for one. Each `*` takes as little as it can, so that the time is that of one look. */
function matchesPart(part: string, pattern: string): boolean {
  let at = 0;
  let wanted = 0;
  let star = -1;
  let retry = 0;
  while (at < part.length) {
    const char = pattern[wanted];
    if (char === "*") {
      star = wanted;
      wanted += 1;
      retry = at;
    } else if (char === "?" || (char !== undefined && char === part[at])) {
      wanted += 1;
      at += 1;
    } else if (star !== -1) {
      retry += 1;
      at = retry;
      wanted = star + 1;
    } else return false;
  }
  while (pattern[wanted] === "*") wanted += 1;
  return wanted === pattern.length;
}
