/**
 * `.dockerignore`: which files of the context a build does not get.
 *
 * Source: docs.docker.com/build/concepts/context/#dockerignore-files and moby/patternmatcher: Go's `filepath.Match` with
 * `**`, the last pattern that matches counts, `!` brings back, and a pattern for a folder holds for what is in it.
 */
import type { ConfinedFiles } from "../../repository/files.ts";

/** Whether a path within the context is left out. */
export type Ignores = (path: string) => boolean;

interface Pattern {
  readonly expression: RegExp;
  readonly back: boolean;
}

/** The ignore file of a build: beside the Dockerfile under its own name, else that of the context. */
export function ignoresOf(files: ConfinedFiles, context: string, dockerfile: string | undefined): Ignores {
  for (const name of ignoreFiles(context, dockerfile)) {
    if (!files.exists(name)) continue;
    const file = files.read(name);
    if (file.ok) return parseIgnore(file.text);
  }
  return () => false;
}

/** The ignore file that counts, there or not. */
export function ignoreFileOf(files: ConfinedFiles, context: string, dockerfile: string | undefined): string {
  return ignoreFiles(context, dockerfile).find((name) => files.exists(name)) ?? join(context, ".dockerignore");
}

function ignoreFiles(context: string, dockerfile: string | undefined): readonly string[] {
  return [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), join(context, ".dockerignore")];
}

export function join(folder: string, path: string): string {
  return folder === "" || path === "" ? `${folder}${path}` : `${folder}/${path}`;
}

export function parseIgnore(text: string): Ignores {
  const patterns = text.split("\n").flatMap(patternOf);
  return (path) => {
    let ignored = false;
    for (const { expression, back } of patterns) if (expression.test(path)) ignored = !back;
    return ignored;
  };
}

/** Longer lines than any path are no pattern. */
const longest = 512;

function patternOf(line: string): readonly Pattern[] {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#") || trimmed.length > longest) return [];
  const back = trimmed.startsWith("!");
  const path = (back ? trimmed.slice(1) : trimmed)
    .trim()
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  if (path === "") return [];
  return [{ expression: expressionOf(path), back }];
}

/** What a pattern of paths matches, with what lies below. Runs of wildcards are one, so that no pattern takes long on a path made to match it badly. */
export function expressionOf(pattern: string): RegExp {
  const short = pattern.replace(/\*{3,}/g, "**").replace(/(?:\*\*\/)+/g, "**/");
  const stars = (short.match(/\*\*?/g) ?? []).length;
  if (stars > 8) return /$^/;
  const source = short
    .split("/")
    .map((part, index, parts) => {
      const last = index === parts.length - 1;
      if (part === "**") return last ? ".*" : "(?:[^/]+/)*";
      return `${segment(part)}${last ? "" : "/"}`;
    })
    .join("");
  return new RegExp(`^${source}(?:/.*)?$`, "s");
}

function segment(part: string): string {
  return part.replace(/\*\*|\*|\?|\[[^\]]*\]|\\.|[.+^${}()|[\]\\]/g, (found) => {
    if (found === "**") return ".*";
    if (found === "*") return "[^/]*";
    if (found === "?") return "[^/]";
    if (found.startsWith("[") && found.length > 2) return characterClass(found.slice(1, -1));
    return `\\${found.replace(/^\\/, "")}`;
  });
}

function characterClass(inner: string): string {
  const negated = inner.startsWith("^");
  const body = (negated ? inner.slice(1) : inner).replace(/[\\\]^]/g, "\\$&");
  // A range that runs backwards is refused by Go, and is none here.
  return /(.)-(.)/.test(body) && [...body.matchAll(/(.)-(.)/g)].some(([, a = "", b = ""]) => a > b)
    ? "$^"
    : `[${negated ? "^" : ""}${body}]`;
}
