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
import type { InputProblem } from "../../facts/system.ts";
import type { TextFile } from "../../repository/files.ts";
import { parseToml } from "../toml/parse.ts";
import type { MappingEntry, MappingNode, TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

/** The absolute paths that it is told to read; undefined where nothing tells it, or that cannot be told. */
export function startPaths(
  words: readonly Fact<readonly Sensitive[]>[],
  variable: Fact<Sensitive>,
): readonly string[] | undefined {
  if (words.some(({ kind }) => kind === "unknown")) return undefined;
  const all = words.flatMap((fact) => (knownValue(fact) ?? []).map((word) => word.reveal()));
  const named = all.flatMap((word, index) => {
    const [, value, alone] = /^(?:--config|-c)(?:=(.*)|($))/s.exec(word) ?? [];
    return alone === undefined ? (value ?? []) : (all[index + 1] ?? []);
  });
  const lists = named.length > 0 ? named : [knownValue(variable)?.reveal() ?? ""];
  const paths = lists.flatMap((list) => list.split(",")).map((path) => path.trim().replace(/^(["'])(.*)\1$/, "$2"));
  const told = paths.filter((path) => path !== "");
  return told.length === 0 || told.some((path) => path.includes("$"))
    ? undefined
    : told.map((path) => posix.resolve("/app", path));
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
export function mergedConfiguration(start: readonly string[], seen: SeenFiles): MergedConfiguration | undefined {
  const files: TextFile[] = [];
  const problems: InputProblem[] = [];
  let root: MappingNode | undefined;
  for (const path of start.flatMap((each) => filesAt(each, seen.paths))) {
    const file = seen.open(path);
    const parsed = file === undefined ? undefined : parse(file, path);
    const read = parsed?.documents.find((document) => document.kind === "mapping");
    if (file !== undefined) files.push(file);
    problems.push(...(parsed?.problems ?? []));
    if (read?.kind === "mapping") root = root === undefined ? read : merge(root, read);
    else if (parsed === undefined || parsed.documents.length > 0)
      root = inDoubt(root ?? emptyAt(read), `\`${path}\`, which Authelia reads too, is not in this folder`);
  }
  const [first, ...others] = files;
  return root === undefined || first === undefined ? undefined : { root, files: [first, ...others], problems };
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
