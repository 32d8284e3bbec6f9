/**
 * A configuration of Authelia that stands in several files: which ones it is started with, and what they come to.
 *
 * Source: Authelia's documentation, "Files" (4.39): `--config` and `-c`, each a list with commas and given as often as one
 * likes, go before `X_AUTHELIA_CONFIG`; a folder stands for the files in it that end in `.yml` or `.yaml`, by their names
 * and not deeper; files are merged in the order given, and of a key that stands twice the last one counts. Mappings are
 * merged, and anything else is replaced (`koanf`'s merge). The image works in `/app` (its Dockerfile).
 */
import { posix } from "node:path";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Sensitive } from "../../facts/sensitive.ts";
import type { CommandWord } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { TextFile } from "../../repository/files.ts";
import { parseToml } from "../toml/parse.ts";
import type { MappingEntry, MappingNode, TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

/** An absolute path that it is told to read; undefined where a word that is not known names one, or may. */
export type StartPath = string | undefined;

/**
 * What it is told to read, in its order, as far as that is certain; undefined where nothing tells it, or where no path of it
 * is known. `words`: each of its command line; undefined where not even those are told apart.
 */
export function startPaths(
  words: readonly CommandWord[] | undefined,
  variable: Fact<Sensitive>,
): readonly StartPath[] | undefined {
  if (words === undefined) return undefined;
  const named = words.flatMap((word, index) => namedBy(word, words[index - 1], words[index + 1]));
  const told = named.some((path) => path !== undefined)
    ? named
    : [...listIn(knownValue(variable)?.reveal() ?? ""), ...named];
  return told.some((path) => path !== undefined) ? told : undefined;
}

function namedBy(
  word: CommandWord,
  before: CommandWord | undefined,
  after: CommandWord | undefined,
): readonly StartPath[] {
  const text = word.text.reveal();
  if (word.why !== undefined) {
    // What stands behind `--config` is told with that.
    if (before?.why === undefined && /^(?:--config|-c)$/.test(before?.text.reveal() ?? "")) return [];
    return mayBeConfig(text) ? [undefined] : [];
  }
  const [, value, alone] = /^(?:--config|-c)(?:=(.*)|($))/s.exec(text) ?? [];
  if (value !== undefined) return listIn(value);
  if (alone === undefined || after === undefined) return [];
  return after.why === undefined ? listIn(after.text.reveal()) : [undefined];
}

/** Whether a word that begins so may turn out to name a file. */
function mayBeConfig(start: string): boolean {
  return ["--config=", "-c="].some((option) => option.startsWith(start) || start.startsWith(option));
}

/** The paths of a list with commas. */
function listIn(list: string): readonly StartPath[] {
  const paths = list.split(",").map((path) => path.trim().replace(/^(["'])(.*)\1$/, "$2"));
  return paths.flatMap((path) => (path === "" ? [] : [path.includes("$") ? undefined : posix.resolve("/app", path)]));
}

/** The files that the program sees, by their paths in its own file system. */
export interface SeenFiles {
  readonly paths: readonly string[];
  open(path: string): TextFile | undefined;
}

export interface MergedConfiguration {
  readonly root: MappingNode;
  /** Those that were read, in their order; at least one. */
  readonly files: readonly [TextFile, ...TextFile[]];
  readonly problems: readonly InputProblem[];
}

/** What the files come to; undefined where none of them is seen. What one that is not seen may say stays in doubt. */
export function mergedConfiguration(start: readonly StartPath[], seen: SeenFiles): MergedConfiguration | undefined {
  const files: TextFile[] = [];
  const problems: InputProblem[] = [];
  let root: MappingNode | undefined;
  const paths = start.flatMap((each): readonly StartPath[] =>
    each === undefined ? [each] : filesAt(each, seen.paths),
  );
  for (const path of paths) {
    const file = path === undefined ? undefined : seen.open(path);
    const parsed = file === undefined || path === undefined ? undefined : parse(file, path);
    const read = parsed?.documents.find((document) => document.kind === "mapping");
    if (file !== undefined) files.push(file);
    problems.push(...(parsed?.problems ?? []));
    if (read?.kind === "mapping") root = root === undefined ? read : merge(root, read);
    else if (parsed === undefined || parsed.documents.length > 0)
      root = inDoubt(root ?? emptyAt(read), whyUnseen(path));
  }
  const [first, ...others] = files;
  return root === undefined || first === undefined ? undefined : { root, files: [first, ...others], problems };
}

function whyUnseen(path: StartPath): string {
  return path === undefined
    ? "a word of Authelia's command line that is not known may name a further file"
    : `\`${path}\`, which Authelia reads too, is not in this folder`;
}

/** A path itself, or the files of the folder that it is. */
function filesAt(path: string, paths: readonly string[]): readonly string[] {
  if (paths.includes(path)) return [path];
  const inside = paths.filter((each) => posix.dirname(each) === path && /\.ya?ml$/i.test(each));
  return inside.length === 0 ? [path] : inside.toSorted((a, b) => (a < b ? -1 : 1));
}

function parse(file: TextFile, path: string): { documents: readonly TreeNode[]; problems: readonly InputProblem[] } {
  if (!/\.toml$/i.test(path)) return parseYaml(file.source, file.text);
  const { root, problems } = parseToml(file.source, file.text);
  return { documents: [root], problems };
}

function emptyAt(node: TreeNode | undefined): MappingNode {
  return { kind: "mapping", entries: new Map(), place: node?.place ?? { kind: "nowhere", why: "no file is seen yet" } };
}

/** The second laid over the first. */
function merge(first: MappingNode, second: MappingNode): MappingNode {
  const entries = new Map<string, MappingEntry>(first.entries);
  for (const [key, entry] of second.entries) {
    const before = first.entries.get(key)?.value;
    const value = entry.value.kind === "mapping" ? over(before, entry.value, first.incomplete) : entry.value;
    entries.set(key, { ...entry, value });
  }
  const incomplete = first.incomplete ?? second.incomplete;
  return { ...second, entries, ...(incomplete === undefined ? {} : { incomplete }) };
}

function over(before: TreeNode | undefined, after: MappingNode, hidden: string | undefined): MappingNode {
  if (before?.kind === "mapping") return merge(before, after);
  // What a file that is not seen says below the same key stands beside it.
  return before === undefined && hidden !== undefined ? merge({ ...emptyAt(after), incomplete: hidden }, after) : after;
}

/** A later file that is not seen may replace anything. */
function inDoubt<T extends TreeNode>(node: T, why: string): T {
  if (node.kind === "scalar") return { ...node, unresolved: node.unresolved ?? why };
  if (node.kind === "sequence")
    return { ...node, incomplete: node.incomplete ?? why, items: node.items.map((item) => inDoubt(item, why)) };
  const entries = [...node.entries].map(
    ([key, entry]) => [key, { ...entry, value: inDoubt(entry.value, why) }] as const,
  );
  return { ...node, incomplete: node.incomplete ?? why, entries: new Map(entries) };
}
