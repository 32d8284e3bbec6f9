/** Compose files that a template engine makes (Jinja for Ansible and cookiecutter, Go templates for chezmoi), read as far as they go. */
import type { InputProblem } from "../../../facts/system.ts";
import {
  blanked,
  fillersIn,
  isTemplate,
  optionalStretches,
  type Stretch,
  withoutFiller,
} from "../../../formats/template/blank.ts";
import type { MappingEntry, TreeNode } from "../../../formats/tree.ts";
import { parseYaml, type YamlText } from "../../../formats/yaml/parse.ts";
import { type Place, placeAt } from "../../../lib/place.ts";
import type { TextFile } from "../../../repository/files.ts";

/** What brings lines that do not stand in the text. */
const bringsMore =
  /\{%[-+]?\s{0,20}(?:include|import|from|extends|macro|block|call)\b|\{\{-?\s{0,20}(?:template|include|block)\b/;

const whyOptional = "it stands in a block of its template that may be left out";

/**
 * A Compose file's YAML. Where it is none before a template engine has filled it in, that of the text without the
 * engine's marks: what it fills in is left to `interpolate`, what may be left out is unresolved, and one problem says so.
 * A template that brings in other texts, or is no YAML without its marks either, is told as such.
 */
export function parseComposeText({ source, text }: Pick<TextFile, "source" | "text">): YamlText {
  const written = parseYaml(source, text, { textKeys: true });
  const isRead = written.documents.length > 0 && written.problems.every(({ template }) => template === true);
  if (isRead || !isTemplate(text) || bringsMore.test(text)) return written;
  const { text: blank, blocks } = blanked(text);
  const read = parseYaml(source, blank, { textKeys: true });
  if (read.documents.length === 0 || read.problems.length > 0) return written;
  const optional = optionalStretches(text);
  const documents = read.documents.map((document) => inTemplate(document, optional, text));
  return { ...read, documents, problems: [told(blocks, placeAt(source, Math.max(0, text.search(/\{[{%]/))))] };
}

function told(blocks: boolean, place: Place): InputProblem {
  const what = blocks
    ? "This is a template whose blocks are not evaluated: each is read once, and what may be left out, or is filled in, cannot be told."
    : "This is a template: another program fills it in before Compose reads it, and what hangs on that cannot be told.";
  return { severity: "warning", message: what, place, hint: "Render it and check the result.", template: true };
}

/** The tree with what may be left out unresolved, and names that are filled in by what fills them in. */
function inTemplate(node: TreeNode, optional: readonly Stretch[], text: string): TreeNode {
  switch (node.kind) {
    case "scalar":
      return isWithin(node.place, optional) ? { ...node, unresolved: whyOptional } : node;
    case "sequence":
      return { ...node, items: node.items.map((item) => inTemplate(item, optional, text)) };
    case "mapping": {
      const entries = new Map<string, MappingEntry>();
      for (const entry of node.entries.values()) {
        const key = distinct(nameOf(entry, text), entries);
        entries.set(key, { ...entry, key, value: inTemplate(entry.value, optional, text) });
      }
      return { ...node, entries };
    }
  }
}

/** Of `web-{{ site.name | lower }}`, `web-site.name`: Compose takes such a name, and a person finds it. */
function nameOf({ key, keyPlace }: MappingEntry, text: string): string {
  if (fillersIn(key).length === 0) return key;
  if (keyPlace.kind !== "file" || keyPlace.end === undefined) return withoutFiller(key);
  const written = text.slice(keyPlace.offset, keyPlace.end);
  return written
    .replace(/\{\{-?\s{0,20}\.?([\w.]{0,100})[^}]{0,1000}\}\}/g, (_, name: string) => name || "filled-in")
    .replace(/^(["'])(.*)\1$/, "$2");
}

function distinct(name: string, taken: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let next = 2; taken.has(free); next++) free = `${name} (${next})`;
  return free;
}

/** The stretches are in their order and apart. */
function isWithin(place: Place, stretches: readonly Stretch[]): boolean {
  if (place.kind !== "file") return false;
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.end ?? 0) <= place.offset) low = middle + 1;
    else high = middle;
  }
  return (stretches[low]?.start ?? Number.POSITIVE_INFINITY) <= place.offset;
}
