import type { Place, Source } from "../../lib/place.ts";
import type { MappingNode, TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import type { HclAttribute, HclBlock, HclBody, HclExpression, HclText } from "./ast.ts";
import { Cursor, Fault } from "./cursor.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseWholeTemplate } from "./parse-template.ts";

/** How many labels stand between a block's type and its body at the top of a file. */
const topLevelLabels: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  module: 1,
  variable: 1,
  output: 1,
  provider: 1,
  locals: 0,
  terraform: 0,
  moved: 0,
  import: 0,
  check: 1,
};

/** Blocks within `terraform`, and their labels; everything else that nests is taken for an argument. */
const settingsLabels: Readonly<Record<string, number>> = { backend: 1, cloud: 0, required_providers: 0, encryption: 0 };

/**
 * Parses the JSON syntax of OpenTofu and Terraform (`main.tf.json`): opentofu.org/docs/language/syntax/json. Blocks of
 * resources become arguments whose values are objects, or lists of them. JSON is read as the YAML that it also is, for
 * its places.
 */
export function parseHclJson(source: Source, text: string): HclText {
  const { documents, problems } = parseYaml(source, text);
  const [root] = documents;
  const place: Place = { kind: "file", source, offset: 0 };
  const empty: HclBody = { attributes: new Map(), blocks: [], place };
  if (root === undefined)
    return { body: problems.length === 0 ? empty : { ...empty, incomplete: "it is no JSON" }, problems };
  const reader = new JsonReader(source);
  const body = root.kind === "mapping" ? reader.body(root, topLevelLabels) : empty;
  return {
    body: problems.length === 0 ? body : { ...body, incomplete: "part of it is no JSON" },
    problems: [...problems, ...reader.problems],
  };
}

class JsonReader {
  readonly #source: Source;
  readonly problems: HclText["problems"][number][] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  body(node: MappingNode, labelled: Readonly<Record<string, number>>): HclBody {
    const attributes = new Map<string, HclAttribute>();
    const blocks: HclBlock[] = [];
    for (const [name, entry] of node.entries) {
      const labels = Object.hasOwn(labelled, name) ? labelled[name] : undefined;
      if (name === "//") continue;
      if (labels !== undefined) this.#blocks(name, entry.value, labels, [], entry.keyPlace, blocks);
      else attributes.set(name, { name, namePlace: entry.keyPlace, value: this.#expression(entry.value, name) });
    }
    return { attributes, blocks, place: node.place };
  }

  /** Goes down through the labels; a list holds several bodies of one block. */
  #blocks(
    type: string,
    node: TreeNode,
    labels: number,
    found: HclBlock["labels"],
    place: Place,
    into: HclBlock[],
  ): void {
    if (node.kind === "sequence") {
      for (const item of node.items) this.#blocks(type, item, labels, found, place, into);
      return;
    }
    if (node.kind !== "mapping") return;
    if (labels === 0) {
      const inner = type === "terraform" ? settingsLabels : {};
      into.push({ type, labels: found, body: this.body(node, inner), place });
      return;
    }
    for (const [text, entry] of node.entries) {
      const label = { text, place: entry.keyPlace };
      this.#blocks(type, entry.value, labels - 1, [...found, label], entry.keyPlace, into);
    }
  }

  #expression(node: TreeNode, name = ""): HclExpression {
    const { place } = node;
    if (node.kind === "sequence")
      return { kind: "tuple", items: node.items.map((item) => this.#expression(item)), place };
    if (node.kind === "mapping") {
      const entries = [...node.entries].map(([key, entry]) => ({
        key: this.#text(key, entry.keyPlace),
        value: this.#expression(entry.value),
      }));
      return { kind: "object", entries, place };
    }
    if (typeof node.value !== "string") return { kind: "literal", value: node.value, place };
    // A type constraint is written as an expression in a string.
    return name === "type" ? this.#parsed(node.value, place, parseExpression) : this.#text(node.value, place);
  }

  /** A string is a template. */
  #text(written: string, place: Place): HclExpression {
    if (!written.includes("${") && !written.includes("%{")) return { kind: "literal", value: written, place };
    return this.#parsed(written, place, (cursor) => parseWholeTemplate(cursor, parseExpression));
  }

  #parsed(written: string, place: Place, parse: (cursor: Cursor) => HclExpression): HclExpression {
    const cursor = new Cursor(this.#source, written, place);
    try {
      return parse(cursor);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.problems.push({ severity: "error", message: error.message, place });
      return { kind: "variable", name: "(an expression that could not be read)", place };
    }
  }
}
