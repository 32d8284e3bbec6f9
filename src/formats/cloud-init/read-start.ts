import type { InputProblem } from "../../facts/system.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import { relocate } from "../relocate.ts";
import { blanked, hasBlocks, withTemplated } from "../template/blank.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { type FirstStart, firstStartOf, hiddenEntries } from "./document.ts";
import type { StartPart, StartParts } from "./parts.ts";

/** What a machine is told to do at its first start, its places those of the whole text. */
export interface ReadStart {
  readonly start: FirstStart;
  readonly scripts: readonly StartPart[];
  readonly included: StartParts["included"];
  readonly problems: readonly InputProblem[];
  /** A clause: why there may be more than this. */
  readonly doubt: string | undefined;
}

export function readStart({ parts, included, doubt }: StartParts): ReadStart {
  const configs = parts.filter(({ kind }) => kind === "config").map(readConfig);
  const start = firstStartOf(configs.flatMap(({ root }) => root ?? []));
  return {
    start,
    scripts: parts.filter(({ kind }) => kind === "script"),
    included,
    problems: configs.flatMap(({ problems }) => problems),
    doubt: doubt ?? configs.find(({ why }) => why !== undefined)?.why ?? hiddenEntries(start),
  };
}

interface ReadConfig {
  readonly root: TreeNode | undefined;
  readonly problems: readonly InputProblem[];
  readonly why: string | undefined;
}

function readConfig({ text, source, locate }: StartPart): ReadConfig {
  const filled = blankedText(text);
  const parsed = parseYaml(source, filled.text, { booleans: "1.1" });
  const { documents, problems } =
    mistakeIn(parsed.problems) !== undefined && text.includes("${")
      ? parseYaml(source, filled.text.replace(interpolation, fillerOf), { booleans: "1.1" })
      : parsed;
  const [document] = documents;
  const isTemplated = filled.text !== text || /\$\{/.test(text);
  return {
    root: document && relocate(withTemplated(document, filled.blocks), locate),
    // What a template makes of it may well be right.
    problems: isTemplated ? [] : problems.map((problem) => ({ ...problem, place: locate(problem.place) })),
    why: filled.blocks
      ? "the blocks of its template are not evaluated"
      : (whyNotWhole(problems, isTemplated) ?? hiddenLine(text)),
  };
}

/** `[tailscale, up, ${key}]` is no YAML before it is filled in: what stands for it has no braces, and cannot be resolved. */
const interpolation = /\$\{[^{}\n]*\}/g;

function fillerOf(interpolated: string): string {
  return "\uE000".repeat(interpolated.length);
}

function whyNotWhole(problems: readonly InputProblem[], isTemplated: boolean): string | undefined {
  const mistake = mistakeIn(problems);
  return mistake !== undefined && isTemplated ? "what a template fills in is needed to read it" : mistake;
}

/** A line that is filled in may be an entry; within a text of several lines it is a part of that. */
function hiddenLine(text: string): string | undefined {
  if (!/^[ \t]*\$\{/m.test(text)) return undefined;
  let block: number | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const indent = line.length - line.trimStart().length;
    if (block !== undefined && indent > block) continue;
    block = undefined;
    if (/^[ \t]*\$\{/.test(line)) return "a template fills in whole lines";
    if (startsBlock.test(line)) block = indent;
  }
  return undefined;
}

const startsBlock = /(?:^|[:\s-])[|>][-+\d]{0,2}[ \t]{0,20}(?:#.{0,200})?\r?$/;

/** As long as the text, with nothing in it that only a template engine understands. */
function blankedText(text: string): { readonly text: string; readonly blocks: boolean } {
  const { text: blank, blocks } = blanked(text);
  const directive = /^[ \t]*%\{[^\n]*$/gm;
  const more = directive.test(blank);
  return {
    text: more ? blank.replace(directive, (line) => " ".repeat(line.length)) : blank,
    blocks: blocks || more || hasBlocks(text),
  };
}
