import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { MappingEntry, ScalarValue, TreeNode } from "../formats/tree.ts";
import { RingwallError } from "../lib/error.ts";
import { placeAt, type Source } from "../lib/place.ts";

/** Deeper nesting than any declaration has; a parser's stack would not survive much more than 10,000. */
const deepest = 100;

/** `broken` when the text is not YAML: the tree is then a guess, and its further mistakes would only mislead. */
export interface ParsedDeclaration {
  readonly tree: TreeNode;
  readonly problems: RingwallError[];
  readonly broken: boolean;
}

/**
 * The text of a declaration as a tree with places: YAML 1.2 core schema, one document, every key once, no aliases that
 * grow. Gives all mistakes of syntax at once; throws only where the text nests too deep to be read.
 */
export function parseDeclarationText(text: string, source: Source): ParsedDeclaration {
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) {
    throw new RingwallError("syntax", `This is nested more than ${deepest} deep.`, { place: placeAt(source, tooDeep) });
  }
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false, uniqueKeys: false });
  const problems = document.errors.map(
    (error) =>
      new RingwallError("syntax", syntaxSentence(error.code, error.message), { place: placeAt(source, error.pos[0]) }),
  );
  visit(document, {
    Alias: (_key, alias) => {
      problems.push(
        new RingwallError("syntax", `A declaration has no aliases: write out what \`*${alias.source}\` stands for.`, {
          place: placeAt(source, alias.range?.[0] ?? 0),
        }),
      );
    },
  });
  const broken = document.errors.length > 0;
  return { tree: nodeOf(document.contents, source, 0, problems), problems, broken };
}

/** The offset at which a text goes too deep, by indentation or brackets; an estimate that is never too small. */
function tooDeepAt(text: string): number | undefined {
  let brackets = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "[" || character === "{") brackets++;
    else if ((character === "]" || character === "}") && brackets > 0) brackets--;
    if (brackets > deepest) return at;
  }
  const indented = new RegExp(`^(?: {${deepest * 2},}|(?:[ ]*- ){${deepest},})`, "m").exec(text);
  return indented === null ? undefined : indented.index;
}

function syntaxSentence(code: string, message: string): string {
  switch (code) {
    case "TAB_AS_INDENT":
      return "A tab indents this line; YAML wants spaces.";
    case "MULTIPLE_DOCS":
      return "A second YAML document begins here; a declaration is one.";
    default:
      return `This is not YAML: ${message.split("\n")[0]?.replace(/\.$/, "") ?? code}.`;
  }
}

/** The tree of a node; keys that stand in one mapping twice are added to the problems. */
function nodeOf(node: Node | null, source: Source, fallback: number, problems: RingwallError[]): TreeNode {
  const start = node?.range?.[0] ?? fallback;
  const place = placeAt(source, start);
  if (isMap(node)) {
    const entries = new Map<string, MappingEntry>();
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null;
      const key = isScalar(keyNode) ? String(keyNode.value) : "";
      const keyAt = keyNode?.range?.[0] ?? start;
      const value = nodeOf(pair.value as Node | null, source, keyAt, problems);
      if (entries.has(key)) {
        const message = "This key stands here twice; the second would silently win.";
        problems.push(new RingwallError("syntax", message, { place: placeAt(source, keyAt) }));
      }
      entries.set(key, { key, keyPlace: placeAt(source, keyAt), value });
    }
    return { kind: "mapping", entries, place };
  }
  if (isSeq(node)) {
    return {
      kind: "sequence",
      items: node.items.map((item) => nodeOf(item as Node | null, source, start, problems)),
      place,
    };
  }
  if (isAlias(node)) return { kind: "scalar", value: null, unresolved: "an alias", place };
  const value = isScalar(node) ? node.value : null;
  return { kind: "scalar", value: scalarOf(value), place };
}

function scalarOf(value: unknown): ScalarValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return Number(value);
    default:
      return null;
  }
}
