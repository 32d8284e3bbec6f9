/**
 * Whether builds count on a file that `.dockerignore` would keep from them: an instruction that names it fails, or does
 * something else, when the file is gone.
 */

import type { ContextFiles } from "./context.ts";
import { expressionOf, join } from "./ignore.ts";
import type { Instruction, ParsedDockerfile } from "./parse.ts";
import { parseDockerfile } from "./parse.ts";
import { jsonWords, splitWords } from "./words.ts";

/** So many other Dockerfiles are looked into; a context that has more is taken to need all it has. */
const mostOthers = 30;
const longest = 512 * 1024;

/** Whether an instruction of this Dockerfile, or of another one in the context's folder, names a file of the context. */
export function isNamed(
  path: string,
  parsed: ParsedDockerfile,
  { files, paths }: ContextFiles,
  { folder, dockerfile }: { readonly folder: string | undefined; readonly dockerfile: string | undefined },
): boolean {
  if (names(parsed, path)) return true;
  const others = paths.filter((each) => isDockerfile.test(each) && each !== dockerfile && isWithin(each, folder ?? ""));
  if (others.length > mostOthers) return true;
  return others.some((each) => {
    const file = files.read(each);
    return !file.ok || file.text.length > longest || names(parseDockerfile(file.text), path);
  });
}

const isDockerfile =
  /(?:^|\/)(?:(?:Docker|Container)file(?:\.(?!dockerignore$)[\w.-]+)?|[\w.-]+\.(?:docker|container)file)$/i;

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(join(folder, "/").replace(/^\//, ""));
}

function names({ instructions }: ParsedDockerfile, path: string): boolean {
  const own = path.slice(path.lastIndexOf("/") + 1).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const word = new RegExp(`(?<![\\w.-])${own}(?![\\w-]|\\.\\w)`);
  return instructions.some((instruction) => {
    const { keyword, text, flags } = instruction;
    if (word.test(text) || flags.some(({ value }) => word.test(value))) return true;
    if (keyword === "RUN" && path === ".git") return asksHistory.test(text);
    return (keyword === "COPY" || keyword === "ADD") && patternsOf(instruction).some((each) => each.test(path));
  });
}

/** Commands of Git that need the history of the folder that they run in. */
const asksHistory =
  /\bgit[ \t]+(?!clone\b|init\b|ls-remote\b|lfs[ \t]+install\b|config[ \t]+--(?:global|system)\b|--version\b)[a-z-]/;

/** The sources that are patterns: one that matches nothing fails. */
function patternsOf({ text, textOffset }: Instruction): readonly RegExp[] {
  const words = jsonWords(text) ?? splitWords(text, textOffset).map(({ raw }) => raw);
  return words
    .slice(0, -1)
    .filter((word) => /[*?[]/.test(word) && word.length < 512)
    .map((word) => expressionOf(word.replace(/["']/g, "").replace(/^(?:\.?\/)+/, "")));
}
