import { Wildmatch } from "./wildmatch.ts";

/** One line of a `.gitignore`. */
interface IgnoreRule {
  readonly pattern: Wildmatch;
  /** Compared with the whole path; otherwise with its last part alone. */
  readonly anchored: boolean;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

/**
 * The rules of one ignore file, as gitignore(5) has them: the last rule that matches counts, `!` takes back, a slash
 * other than at the end ties the rule to the file's own folder, `**` crosses folders, a slash at the end means folders.
 */
export class IgnoreRules {
  readonly #rules: readonly IgnoreRule[];

  constructor(text: string) {
    this.#rules = text
      .replace(/^\uFEFF/, "")
      .split("\n")
      .flatMap((line) => parseRule(line.replace(/\r$/, "")) ?? []);
  }

  /** Whether a path, relative to the file's own folder, is ignored, taken back, or not spoken of. */
  judge(path: string, isFolder: boolean): "ignored" | "kept" | undefined {
    const parts = path.split("/");
    const last = parts.slice(-1);
    for (let at = this.#rules.length - 1; at >= 0; at--) {
      const rule = this.#rules[at];
      if (rule === undefined || (rule.foldersOnly && !isFolder)) continue;
      if (rule.pattern.matches(rule.anchored ? parts : last)) return rule.negated ? "kept" : "ignored";
    }
    return undefined;
  }
}

function parseRule(line: string): IgnoreRule | undefined {
  let text = withoutTrailingSpaces(line);
  if (text === "" || text.startsWith("#")) return undefined;
  const negated = text.startsWith("!");
  if (negated) text = text.slice(1);
  const foldersOnly = text.endsWith("/");
  if (foldersOnly) text = text.slice(0, -1);
  const anchored = text.includes("/");
  if (text.startsWith("/")) text = text.slice(1);
  const pattern = text === "" ? undefined : Wildmatch.parse(text);
  return pattern === undefined ? undefined : { pattern, anchored, negated, foldersOnly };
}

/** Spaces at the end count only when a backslash stands before them. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line.charAt(end - 1) === " " && line.charAt(end - 2) !== "\\") end -= 1;
  return line.slice(0, end);
}
