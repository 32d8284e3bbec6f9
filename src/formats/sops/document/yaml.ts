import type { Source } from "../../../lib/place.ts";
import {
  blankAtEnd,
  type Replacement,
  type SopsFormat,
  type SopsText,
  type Splice,
  spliced,
  unsupported,
} from "./format.ts";
import type { MetaMap } from "./metadata.ts";
import type { SopsComment, SopsLeaf } from "./tree.ts";
import { metaOfYaml, yamlEntryLines } from "./yaml-metadata.ts";
import { yamlValue } from "./yaml-scalars.ts";
import { setInYaml, unsetInYaml } from "./yaml-set.ts";
import { parseYamlSource, rangeOf, type YamlSource } from "./yaml-source.ts";
import { readYamlTrees, type YamlBranch } from "./yaml-tree.ts";

/** What SOPS indents by where nothing else is said (`stores/yaml/store.go`). */
const defaultStep = 4;

export const yamlFormat: SopsFormat = { read, set: setInYaml, unset: unsetInYaml };

function read(given: Source, givenText: string, indent: number | undefined): SopsText {
  const yaml = parseYamlSource(given, givenText);
  const documents = readYamlTrees(yaml);
  const own = documents[0]?.own;
  return {
    source: yaml.source,
    text: yaml.text,
    branches: documents.length === 0 ? [{ kind: "branch", items: [] }] : documents.map(({ branch }) => branch),
    metadata: own === undefined ? undefined : { meta: metaOfYaml(own.value), offset: rangeOf(own.key)[0] },
    render: (replacements, metadata) =>
      spliced(yaml.text, [
        ...replacements.map((each) => replacementSplice(yaml, each)),
        ...metadataSplices(yaml, documents, metadata, indent),
      ]),
  };
}

function replacementSplice({ source, text }: YamlSource, { of, by }: Replacement): Splice {
  if (of.kind === "comment") return commentSplice(of, by);
  if (by.as === "cipher") {
    return { start: of.start, end: of.end, text: of.indent === undefined ? `"${by.text}"` : by.text };
  }
  if (by.value.type === "comment") return itemToComment(source, text, of, by.value.text);
  const behind = /^[^\r\n]*/.exec(text.slice(of.end, of.end + 500))?.[0].trim() !== "";
  const indent = of.indent === undefined || behind ? undefined : of.indent + 2;
  return { start: of.start, end: of.end, text: yamlValue(by.value, indent) };
}

function commentSplice(of: SopsComment, by: Replacement["by"]): Splice {
  const text = by.as === "cipher" ? by.text : "text" in by.value ? by.value.text : "";
  return { start: of.start, end: of.end, text: `#${text}` };
}

/** Old versions of SOPS wrote comments of lists as items. */
function itemToComment(source: Source, text: string, of: SopsLeaf, comment: string): Splice {
  if (of.dash === undefined || /[\r\n]/.test(comment)) {
    throw unsupported(source, of.start, "A comment stands where a value is expected.");
  }
  return { start: of.dash, end: of.end, text: text.slice(of.dash + 1, of.start).includes("\n") ? "" : `#${comment}` };
}

function metadataSplices(
  yaml: YamlSource,
  documents: readonly YamlBranch[],
  metadata: MetaMap | undefined,
  indent: number | undefined,
): readonly Splice[] {
  const step = indent ?? stepOf(yaml, documents);
  if (documents.length === 0) {
    return metadata === undefined
      ? []
      : [{ start: yaml.text.length, end: yaml.text.length, text: blockText(yaml, metadata, 0, step) }];
  }
  return documents.flatMap((document) => documentSplices(yaml, document, metadata, step));
}

function documentSplices(
  yaml: YamlSource,
  document: YamlBranch,
  metadata: MetaMap | undefined,
  step: number,
): readonly Splice[] {
  const { text } = yaml;
  const { root, own } = document;
  if (root?.flow === true) return flowSplices(yaml, document, metadata);
  const column = root === undefined ? 0 : yaml.source.locate(rangeOf(root)[0]).column - 1;
  if (own !== undefined) {
    const start = text.lastIndexOf("\n", rangeOf(own.key)[0] - 1) + 1;
    const last = own.value === null ? rangeOf(own.key)[1] : Math.max(rangeOf(own.value)[1], rangeOf(own.key)[1]);
    const close = text[last - 1] === "\n" ? last - 1 : text.indexOf("\n", last);
    const end = close === -1 ? text.length : close + 1;
    return [{ start, end, text: metadata === undefined ? "" : blockText(yaml, metadata, column, step) }];
  }
  if (metadata === undefined) return [];
  const at = insertionPoint(yaml, document);
  const open = at > 0 && text[at - 1] !== "\n";
  const lead = open ? eolOf(text) : "";
  return [{ start: at, end: at, text: `${lead}${blockText(yaml, metadata, column, step, open)}` }];
}

/** Behind the last line that says something, and never within a value that keeps its empty lines. */
function insertionPoint({ text }: YamlSource, { root, end }: YamlBranch): number {
  const trimmed = text.slice(0, end).trimEnd().length;
  const line = text.indexOf("\n", trimmed);
  const behind = line === -1 || line >= end ? (line === -1 ? text.length : end) : line + 1;
  const last = root === undefined ? 0 : rangeOf(root)[1];
  return Math.min(Math.max(trimmed === 0 ? 0 : behind, last > end ? 0 : last), Math.max(end, trimmed));
}

function blockText(yaml: YamlSource, metadata: MetaMap, column: number, step: number, open = false): string {
  const eol = eolOf(yaml.text);
  const lines = yamlEntryLines("sops", metadata, column, step).join(eol);
  return open && yaml.text.length > 0 && !yaml.text.endsWith("\n") ? `${lines}${eol}` : `${lines}${eol}`;
}

function eolOf(text: string): string {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
}

/** How far the metadata is indented already; else how far the document's own mappings are. */
function stepOf(yaml: YamlSource, documents: readonly YamlBranch[]): number {
  const own = documents[0]?.own;
  const from = own === undefined ? 0 : rangeOf(own.key)[0];
  const below = own === undefined ? /^[^\s#-][^\n]*:[ \t]*\r?\n( +)[^\s#-]/m : /^[^\n]*\n( +)/;
  const found = below.exec(yaml.text.slice(from))?.[1]?.length;
  return found === undefined || found > 9 || found < 2 ? defaultStep : found;
}

/** A document within braces gets its metadata there, as in JSON. */
function flowSplices(
  { text }: YamlSource,
  { root, own }: YamlBranch,
  metadata: MetaMap | undefined,
): readonly Splice[] {
  const written = metadata === undefined ? undefined : `"sops": ${JSON.stringify(metadata)}`;
  if (root === undefined) return [];
  if (own !== undefined) {
    const [start] = rangeOf(own.key);
    const end = own.value === null ? rangeOf(own.key)[1] : rangeOf(own.value)[1];
    if (written !== undefined) return [{ start, end, text: written }];
    const blank = blankAtEnd(text.slice(0, start));
    const before = text[start - blank - 1] === "," ? blank + 1 : 0;
    const after = before === 0 ? (/^\s*,\s*/.exec(text.slice(end))?.[0].length ?? 0) : 0;
    return [{ start: start - before, end: end + after, text: "" }];
  }
  if (written === undefined) return [];
  const end = rangeOf(root)[1] - 1;
  const body = text.slice(0, end).trimEnd();
  const at = body.length;
  return [
    { start: at, end: at, text: root.items.length === 0 ? written : `${body.endsWith(",") ? " " : ", "}${written}` },
  ];
}
