/**
 * Changes one value, or adds lines, in a text of any format, and touches nothing else: comments, layout and line ends stay
 * as they are.
 *
 * What a change means is known where it was asked for; here it is only made sure that it is one change. A value stays on
 * its line, and where the text is YAML or JSON, its data differ in one thing afterwards. Everything that reads the file
 * judges it anew before it is written.
 */
import { isDeepStrictEqual } from "node:util";
import type { AddedLines, ValueChange } from "../../contracts/fix.ts";
import { Source } from "../../lib/place.ts";
import { toPlain } from "../tree.ts";
import type { EditedYaml } from "../yaml/edit/edit.ts";
import { isMapping } from "../yaml/edit/plain-value.ts";
import type { Refusal, Splice } from "../yaml/edit/splice.ts";
import { parseYaml } from "../yaml/parse.ts";

/** A text with a change; no splice where it said so already. */
export type EditedText = EditedYaml;

const otherwise = "it is written there in another way than can be changed by itself";
/** What a program fills in before the file is read: Jinja, Go, ERB. GitHub's own expressions are no such thing. */
const templated = /(?<!\$)\{\{|\{%|<%/;

/** Puts a value in place of what stands at an offset, or says in a clause why not. Never throws. */
export function changeValue(
  path: string,
  text: string,
  offset: number,
  { pattern, value }: ValueChange,
): EditedText | Refusal {
  const line = lineAt(text, offset);
  if (templated.test(line.text)) return { why: "a template makes the line" };
  // A pattern whose dot is any character looks beyond the line, for a list of which only the beginning is known.
  const looked = pattern.dotAll ? text.slice(line.start) : line.text;
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace(/[dgy]/g, "")}dy`);
  sticky.lastIndex = offset - line.start;
  const found = sticky.exec(looked)?.indices?.[1];
  if (found === undefined) return { why: otherwise };
  const [from, to] = found;
  if (templated.test(lineAt(looked, from).text)) return { why: "a template makes the line" };
  if (looked.slice(from, to) === value) return { text, splice: undefined };
  return spliced(path, text, { at: line.start + from, removed: to - from, inserted: value });
}

/** Adds lines beside the one at an offset, or says in a clause why not. Never throws. */
export function addLines(
  path: string,
  text: string,
  offset: number,
  { where, lines: wanted, unless }: AddedLines,
): EditedText | Refusal {
  const line = lineAt(text, offset);
  const lines = unless === undefined || unless.line.test(line.text) ? wanted : unless.lines;
  if (templated.test(line.text)) return { why: "a template makes the line" };
  if (line.text.endsWith("\\") || lineAt(text, line.start - 1).text.endsWith("\\"))
    return { why: "its line goes on in another one" };
  if (where === "within" && !/\{[ \t]*(?:#.*)?$/.test(line.text))
    return { why: "the block does not begin at the end of its line" };
  if (where === "before") {
    if (line.text.slice(0, offset - line.start).trim() !== "")
      return { why: "something else stands before it on its line" };
    return spliced(path, text, newLines(text, line.start, indentOf(line.text), lines));
  }
  const indent = where === "after" ? indentOf(line.text) : indentWithin(text, line);
  const beside = where === "after" ? line.text : lineAt(text, line.next).text;
  const all = path.endsWith(".tf") ? alignedWith(beside.slice(indent.length), lines, where) : lines;
  return spliced(path, text, newLines(text, line.next, indent, all));
}

/** Adds a line before the first that is neither empty nor a comment; at the end where there is none. */
export function addFirst(path: string, text: string, line: string): EditedText | Refusal {
  let at = 0;
  while (at < text.length) {
    const each = lineAt(text, at);
    if (each.text.trim() !== "" && !each.text.trimStart().startsWith("#")) break;
    at = each.next;
  }
  return spliced(path, text, newLines(text, at, "", [line]));
}

interface Line {
  readonly start: number;
  /** Without what ends it. */
  readonly text: string;
  /** Where the one after it begins. */
  readonly next: number;
}

function lineAt(text: string, offset: number): Line {
  if (offset < 0) return { start: 0, text: "", next: 0 };
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const next = end === -1 ? text.length : end + 1;
  return { start, text: text.slice(start, next).replace(/\r?\n$/, ""), next };
}

/** With equals signs below that of the line beside, as `tofu fmt` has it; apart from it where they stand further right. */
function alignedWith(beside: string, lines: readonly string[], where: AddedLines["where"]): readonly string[] {
  const column = /^(?:"[^"]*"|\w+) +(?==)/.exec(beside)?.[0].length ?? 0;
  const keys = lines.map((line) => /^(?:"[^"]*"|\w+)(?= = )/.exec(line)?.[0]);
  if (column === 0 || keys.some((key) => key === undefined)) return lines;
  if (keys.some((key = "") => key.length >= column)) return where === "within" ? [...lines, ""] : ["", ...lines];
  return lines.map((line, index) => (keys[index] ?? "").padEnd(column - 1) + line.slice(keys[index]?.length));
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/** How what is in a block stands: as its first line, or where it is empty, one step further in than the block. */
function indentWithin(text: string, { text: opening, next }: Line): string {
  const own = indentOf(opening);
  for (let at = next; at < text.length; ) {
    const line = lineAt(text, at);
    if (line.text.trim() !== "") {
      const indent = indentOf(line.text);
      if (indent.length > own.length && indent.startsWith(own)) return indent;
      break;
    }
    at = line.next;
  }
  return own + (/^ *(?=\t)/m.test(text) ? "\t" : (/^ {2,8}(?=\S)/m.exec(text)?.[0] ?? "  "));
}

function newLines(text: string, at: number, indent: string, lines: readonly string[]): Splice {
  const eol = /\r\n/.test(text) ? "\r\n" : "\n";
  const unended = at === text.length && at > 0 && text[at - 1] !== "\n";
  const all = lines.map((line) => (line === "" ? "" : indent + line)).join(eol);
  return { at, removed: 0, inserted: unended ? eol + all : all + eol };
}

function spliced(path: string, text: string, splice: Splice): EditedText | Refusal {
  const edited = text.slice(0, splice.at) + splice.inserted + text.slice(splice.at + splice.removed);
  if (!/\.(?:ya?ml|json)$/i.test(path)) return { text: edited, splice };
  const [before, after] = [dataOf(text), dataOf(edited)];
  if (before === undefined || after === undefined) return { why: "there is a mistake in its YAML, or would be" };
  return differences(before, after) === 1
    ? { text: edited, splice }
    : { why: "it cannot be changed there without changing something else" };
}

function dataOf(text: string): readonly unknown[] | undefined {
  const { documents, problems } = parseYaml(new Source("", text), text);
  return problems.length > 0 ? undefined : documents.map(toPlain);
}

/** In how many places two values differ; what only one of them has is one. */
function differences(a: unknown, b: unknown): number {
  if (isDeepStrictEqual(a, b)) return 0;
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.reduce<number>((sum, item, index) => sum + differences(item, b[index]), 0);
  }
  if (isMapping(a) && isMapping(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].reduce(
      (sum, key) => sum + (Object.hasOwn(a, key) && Object.hasOwn(b, key) ? differences(a[key], b[key]) : 1),
      0,
    );
  }
  return 1;
}
