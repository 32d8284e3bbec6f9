/**
 * A template of the engine's configuration, as far as it can be read without being filled in. JSON is YAML, which takes
 * what stands for an expression outside of quotes.
 */
import type { InputProblem } from "../../facts/system.ts";
import { placeAt, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { Fields } from "../fields.ts";
import { blanked, withTemplated } from "../template/blank.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

export interface DaemonText {
  readonly root: Fields;
  readonly problems: readonly InputProblem[];
  /** Why some of it may not be what the engine gets; absent where all is. */
  readonly unseen?: string;
}

const unevaluated = "the blocks of its template are not evaluated";
const conditional = "a condition of its template decides";

/** Statements that bring text from elsewhere, and those of Go's templates, of which the ends are all alike. */
const bringsMore =
  /\{%[-+]?\s{0,20}(?:include|import|from|extends|block|call|macro|raw)\b|\{\{-?\s{0,20}(?:if|range|with|define|block|template|include)\b/;

/** Of `{% if %}` alone it is known which keys there may be. Mistakes that only the template makes are none. */
export function readTemplate(file: TextFile): DaemonText {
  const { source } = file;
  const place = wholeFile(source);
  const { documents, problems } = parseYaml(source, blanked(file.text).text);
  const [first] = documents;
  const filled = first === undefined ? undefined : withTemplated(first, false);
  const mayHaveMore = filled?.kind === "mapping" && filled.incomplete !== undefined;
  if (problems.length > 0 || documents.length > 1 || mayHaveMore || bringsMore.test(file.text)) {
    const tree = first === undefined ? undefined : withTemplated(first, true);
    return { root: Fields.of(tree, place, "the file", unevaluated), problems: [told(file)], unseen: unevaluated };
  }
  const tree = filled === undefined ? undefined : withConditions(filled, conditionsOf(file.text));
  return { root: Fields.of(tree, place, "the file"), problems: [] };
}

function told({ source, text }: TextFile): InputProblem {
  return {
    severity: "warning",
    message: `${source.path} is a template whose blocks are not evaluated; what only they decide is not judged.`,
    hint: "Check what the template makes: render it into a folder, and check that one too.",
    place: placeAt(source, Math.max(0, text.search(/\{%|\{\{/))),
  };
}

/** Stretches of the text that stand under a condition or in a loop. */
function conditionsOf(text: string): readonly (readonly [start: number, end: number])[] {
  const found: (readonly [number, number])[] = [];
  let depth = 0;
  let start = 0;
  for (const { 1: word = "", index } of text.matchAll(/\{%[-+]?\s{0,20}(if|for|endif|endfor)\b/g)) {
    if (word === "if" || word === "for") {
      if (depth === 0) start = index;
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth === 0) found.push([start, index]);
    }
  }
  if (depth > 0) found.push([start, text.length]);
  return found;
}

/** What stands under a condition may be there or not: its values are not known. */
function withConditions(node: TreeNode, conditions: ReturnType<typeof conditionsOf>): TreeNode {
  if (conditions.length === 0) return node;
  const under = ({ place }: TreeNode) =>
    place.kind === "file" && conditions.some(([start, end]) => place.offset >= start && place.offset < end);
  switch (node.kind) {
    case "scalar":
      return under(node) ? { ...node, unresolved: node.unresolved ?? conditional } : node;
    case "sequence":
      return {
        ...node,
        items: node.items.map((item) => withConditions(item, conditions)),
        ...(under(node) ? { incomplete: conditional } : {}),
      };
    case "mapping":
      return {
        ...node,
        entries: new Map(
          [...node.entries].map(([key, entry]) => [key, { ...entry, value: withConditions(entry.value, conditions) }]),
        ),
      };
  }
}
