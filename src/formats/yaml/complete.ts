import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseAllDocuments,
  type YAMLError,
} from "yaml";
import { placeAt } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { maxDepth, type TreeBuilder } from "./builder.ts";
import { TooDeep, tabHint, tabSentence } from "./fast-cursor.ts";

/** Mistakes of one text that are told; what follows is mostly their consequence. */
const maxMistakes = 3;

/**
 * Reads any YAML by way of the `yaml` library, and says what is wrong with it. What can be made out in spite of
 * mistakes is returned. Slower than the fast reader by far, and used only for what that one leaves.
 */
export function readCompletely(text: string, builder: TreeBuilder): TreeNode[] {
  const documents = parseDocuments(text);
  const mistakes = documents.flatMap((document) => document.errors);
  if (mistakes.length > 0) {
    if (reportConflict(text, builder) || reportTemplate(text, builder)) return [];
    reportMistakes(mistakes, text, builder);
  }
  const trees: TreeNode[] = [];
  const converter = new Converter(builder);
  for (const document of documents) {
    builder.beginDocument();
    const { contents } = document;
    if (contents !== null) trees.push(converter.convert(contents, 0));
    else if (documents.length > 1) trees.push(builder.empty(document.range[0]));
  }
  return trees;
}

function parseDocuments(text: string): readonly Document.Parsed[] {
  try {
    const options = {
      prettyErrors: false,
      uniqueKeys: false,
      merge: false,
      schema: "failsafe",
      logLevel: "silent",
    } as const;
    const documents = parseAllDocuments(text, options);
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    // The library walks down by calling itself.
    if (error instanceof RangeError) throw new TooDeep(0);
    throw error;
  }
}

class Converter {
  readonly #builder: TreeBuilder;
  #toldOfTemplate = false;

  constructor(builder: TreeBuilder) {
    this.#builder = builder;
  }

  convert(node: ParsedNode, depth: number): TreeNode {
    const [start, end] = node.range;
    if (depth > maxDepth) throw new TooDeep(start);
    if (isAlias(node)) return this.#builder.alias(node.source, start, end);
    const before = this.#builder.count;
    const tag = node.tag === undefined ? undefined : shortTag(node.tag);
    const made = this.#make(node, tag, depth);
    return this.#builder.anchor(node.anchor, made, before);
  }

  #make(node: Exclude<ParsedNode, { type: "ALIAS" }>, tag: string | undefined, depth: number): TreeNode {
    const [start, end] = node.range;
    if (isScalar(node)) {
      const text = String(node.value ?? "");
      const plain = node.type === "PLAIN" || node.type === undefined || node.type === null;
      return plain ? this.#builder.plain(text, start, end, tag) : this.#builder.quoted(text, start, end, tag);
    }
    if (isSeq(node)) {
      const items = node.items.flatMap((item) => (isNode(item) ? [this.convert(item, depth + 1)] : []));
      return this.#builder.sequence(items, start, end, tag);
    }
    const expression = templateExpression(node);
    if (expression !== undefined) return this.#filledIn(expression, start, end);
    const mapping = this.#builder.open();
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const [keyStart, keyEnd] = isNode(key) ? key.range : [start, start];
        const made = isNode(value) ? this.convert(value, depth + 1) : this.#builder.empty(keyEnd);
        if (isScalar(key) || key === null) {
          const name = key === null ? "" : keyText(key.value);
          this.#builder.put(mapping, name, key === null || key.type === "PLAIN", keyStart, keyEnd, made);
        } else {
          this.#builder.error(
            "A key is a text here, and this one is not.",
            placeAt(this.#builder.source, keyStart, keyEnd),
          );
        }
      }
    }
    return this.#builder.close(mapping, start, end, tag);
  }

  /** What another program puts there; it is said once of a text. */
  #filledIn(name: string, start: number, end: number): TreeNode {
    const place = placeAt(this.#builder.source, start, end);
    if (!this.#toldOfTemplate) {
      this.#builder.template(
        "This is a template (it has `{{ … }}` in it): another program fills it in first, and what hangs on that cannot be told.",
        place,
        "Render it and check the result.",
      );
    }
    this.#toldOfTemplate = true;
    const unresolved = "another program fills in a template here";
    return { kind: "scalar", value: "", interpolates: [name], unresolved, place };
  }
}

/** Of a merge key that says so, as tools that write YAML do (`!!merge <<`), the library makes a symbol. */
function keyText(value: unknown): string {
  return typeof value === "symbol" ? (value.description ?? "") : String(value ?? "");
}

/** The name in `{{ name }}` without quotes: to YAML a mapping whose only key is a mapping, which nobody writes. */
function templateExpression(node: ParsedNode): string | undefined {
  if (!isMap(node) || node.flow !== true || node.items.length !== 1) return undefined;
  const [pair] = node.items;
  const key: unknown = pair?.key;
  if (pair === undefined || isNode(pair.value) || !isMap(key) || key.flow !== true) return undefined;
  const name: unknown = key.items[0]?.key;
  return /^\w{1,100}/.exec(isScalar(name) ? String(name.value) : "")?.[0] ?? "a template";
}

function isNode(value: unknown): value is ParsedNode {
  return typeof value === "object" && value !== null && "range" in value;
}

function shortTag(tag: string): string {
  const core = "tag:yaml.org,2002:";
  return tag.startsWith(core) ? `!!${tag.slice(core.length)}` : tag;
}

/**
 * Says that Git left both sides of a merge in a text, when it did; what else is wrong with it follows from that.
 * Source: git-merge(1), "HOW CONFLICTS ARE PRESENTED".
 */
function reportConflict(text: string, builder: TreeBuilder): boolean {
  const ours = /^<{7}(?=[ \r\n])/m.exec(text)?.index;
  if (ours === undefined || !/^={7}\r?$/m.test(text.slice(ours)) || !/^>{7}(?=[ \r\n])/m.test(text.slice(ours)))
    return false;
  builder.error(
    "A merge conflict is not resolved here: both sides of it stand in the file, which is not read.",
    placeAt(builder.source, ours),
    "Keep what is meant of the two sides, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`.",
  );
  return true;
}

/** Says that a text is a template, when it is; its other mistakes are then none. */
function reportTemplate(text: string, builder: TreeBuilder): boolean {
  const template = templateMark(text);
  if (template === undefined) return false;
  builder.template(
    `This is a template (it has \`${template.mark}\` in it), not YAML: it can be read only once it is rendered.`,
    placeAt(builder.source, template.offset),
    "Render it and check the result.",
  );
  return true;
}

function reportMistakes(mistakes: readonly YAMLError[], text: string, builder: TreeBuilder): void {
  const told = new Set<number>();
  for (const mistake of mistakes) {
    const [start] = mistake.pos;
    const { line } = builder.source.locate(start);
    if (told.has(line) || told.size >= maxMistakes) continue;
    told.add(line);
    const [message, hint] = sentence(mistake, text);
    builder.error(message, placeAt(builder.source, Math.min(start, text.length)), hint);
  }
}

/** Where a Jinja or Go template shows itself outside of quotes and comments. */
function templateMark(text: string): { readonly mark: string; readonly offset: number } | undefined {
  let offset = 0;
  for (const line of text.split("\n")) {
    const bare = line.replace(/(^|\s)#.*$/, "$1").replace(/"[^"]*"|'[^']*'/g, (quoted) => " ".repeat(quoted.length));
    const found = /\{\{.*\}\}|\{%.*%\}/.exec(bare);
    if (found !== null)
      return { mark: found[0].startsWith("{{") ? "{{ … }}" : "{% … %}", offset: offset + found.index };
    offset += line.length + 1;
  }
  return undefined;
}

/** What a mistake is and what to do, in words. */
export function sentence(mistake: YAMLError, text: string): readonly [message: string, hint?: string] {
  const char = text.charAt(mistake.pos[0]);
  switch (mistake.code) {
    case "TAB_AS_INDENT":
      return [tabSentence, tabHint];
    case "BAD_INDENT":
      if (mistake.message.includes("end with a")) return missingCharacter(mistake.message);
      return [
        "This line is not indented as far as the lines it belongs to.",
        "Give all keys of one mapping, and all items of one list, the same number of spaces.",
      ];
    case "MISSING_CHAR":
      return missingCharacter(mistake.message);
    case "BLOCK_AS_IMPLICIT_KEY":
      if (!/:\s/.test(text.slice(mistake.pos[0]).split("\n", 1)[0] ?? "")) {
        return [
          "The lines below are indented as if they belonged to this value.",
          "Give all keys of one mapping the same number of spaces.",
        ];
      }
      return [
        "A second `:` stands in one line, so that it is not clear what the value is.",
        "Put the value in quotes.",
      ];
    case "MULTILINE_IMPLICIT_KEY":
      return ["A key reaches over more than one line.", "A line may lack its `:`, or be indented too far."];
    case "BAD_SCALAR_START":
      return [`A value cannot begin with \`${char}\`.`, "Put it in quotes."];
    case "BAD_DQ_ESCAPE":
      return [
        "A backslash in double quotes begins an escape that YAML does not have.",
        "Write `\\\\`, or use single quotes.",
      ];
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
      return ["This alias cannot be read.", "An alias is `*` and the name of an anchor, and nothing else."];
    case "MULTIPLE_ANCHORS":
    case "MULTIPLE_TAGS":
      return ["One value has two anchors or two tags.", "Keep one."];
    case "BLOCK_IN_FLOW":
      return ["A `|` or `>` text stands inside of `[ ]` or `{ }`, where none may be.", "Use quotes."];
    case "BAD_DIRECTIVE":
      return ["A line that begins with `%` is a directive of YAML, and this one is none."];
    case "UNEXPECTED_TOKEN":
      return char === ""
        ? ["The file ends in the middle of a value.", "A quote or bracket may not be closed."]
        : [
            `\`${char}\` is not expected here.`,
            "A quote, bracket or `:` before it may be missing, or a value wants quotes.",
          ];
    default:
      return ["This is not valid YAML.", "Check the quotes, brackets and indentation of this line and the one before."];
  }
}

function missingCharacter(message: string): readonly [message: string, hint?: string] {
  if (message.includes("closing") && message.includes("quote")) {
    return ["A quote that is opened here or before is never closed.", "Close it."];
  }
  if (/expected .*\]|Flow sequence|end with a \]/i.test(message)) return ["A `[` is never closed.", "Add the `]`."];
  if (/end with a \}/i.test(message)) return ["A `{` is never closed.", "Add the `}`."];
  if (/,/.test(message)) return ["A comma is missing between two items.", "Add it."];
  if (/implicit (?:map )?keys?|:/i.test(message))
    return ["A key lacks its `:`, or the blank behind it.", "Write `key: value`."];
  return ["A character is missing here.", "Check the quotes and brackets of this line."];
}
