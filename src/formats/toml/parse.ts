import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { InputProblem } from "../../facts/system.ts";
import { type Place, placeAt, type Source } from "../../lib/place.ts";
import type { MappingEntry, MappingNode, ScalarValue, TreeNode } from "../tree.ts";

/** What stands in one TOML text. `root` is there also when there are problems: as far as the text was read. */
export interface TomlText {
  readonly root: MappingNode;
  readonly problems: readonly InputProblem[];
}

/** Nesting beyond this is nobody's configuration, and would exhaust the stack. */
const maxDepth = 100;
/** Characters; no configuration that people write is larger, and the parser keeps several objects for each token. */
const maxLength = 1024 * 1024;

/** Reads a TOML 1.0 text as a tree. A date is its text. Never throws. */
export function parseToml(source: Source, text: string): TomlText {
  if (text.length > maxLength) {
    return refused(source, 0, "This TOML file is larger than 1 MiB; it is not read.");
  }
  try {
    const program = parseTOML(text, { tomlVersion: "1.0" });
    return { root: new Builder(source).table(program.body[0]), problems: [] };
  } catch (error) {
    if (error instanceof ParseError) return refused(source, error.index, sentence(error.message));
    if (error instanceof TooDeep)
      return refused(source, error.offset, `Values nest more than ${maxDepth} deep here; the file is not read.`);
    if (error instanceof RangeError)
      return refused(source, 0, "Values nest too deep in this TOML file; it is not read.");
    throw error;
  }
}

function refused(source: Source, offset: number, message: string): TomlText {
  const place = placeAt(source, Math.max(0, offset));
  const root: MappingNode = { kind: "mapping", entries: new Map(), incomplete: "the TOML file cannot be read", place };
  return { root, problems: [{ severity: "error", message, place }] };
}

function sentence(message: string): string {
  return `This is no valid TOML: ${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, "")}.`;
}

class TooDeep extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super("too deep");
    this.offset = offset;
  }
}

interface OpenMapping extends MappingNode {
  readonly entries: Map<string, MappingEntry>;
}

/** Makes mappings and sequences of the parser's tables, which are checked for repeated keys by then. */
class Builder {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  table(top: AST.TOMLTopLevelTable): MappingNode {
    const root = this.#mapping(top);
    for (const part of top.body) {
      if (part.type === "TOMLKeyValue") this.#assign(root, part, 0);
      else this.#section(root, part);
    }
    return root;
  }

  #section(root: OpenMapping, table: AST.TOMLTable): void {
    let at: OpenMapping = root;
    const names = table.key.keys;
    let next = 0;
    for (const part of table.resolvedKey) {
      // A number stands behind the name of an array of tables, whose last member is meant.
      if (typeof part === "number") continue;
      const key = names[next];
      next += 1;
      if (key === undefined) continue;
      at = this.#step(at, part, key, table, next === names.length && table.kind === "array");
    }
    for (const pair of table.body) this.#assign(at, pair, 0);
  }

  #step(at: OpenMapping, name: string, key: AST.TOMLNode, table: AST.TOMLTable, append: boolean): OpenMapping {
    const keyPlace = this.#place(key);
    const known = at.entries.get(name)?.value;
    if (append) {
      const made = this.#mapping(table);
      if (known?.kind === "sequence") (known.items as TreeNode[]).push(made);
      else at.entries.set(name, { key: name, keyPlace, value: { kind: "sequence", items: [made], place: keyPlace } });
      return made;
    }
    const last = known?.kind === "sequence" ? known.items.at(-1) : known;
    if (last?.kind === "mapping") return last as OpenMapping;
    const made = this.#mapping(table);
    at.entries.set(name, { key: name, keyPlace, value: made });
    return made;
  }

  #assign(into: OpenMapping, pair: AST.TOMLKeyValue, depth: number): void {
    const names = pair.key.keys;
    let at = into;
    for (const [index, key] of names.entries()) {
      const name = key.type === "TOMLBare" ? key.name : key.value;
      const keyPlace = this.#place(key);
      if (index === names.length - 1) {
        at.entries.set(name, { key: name, keyPlace, value: this.#value(pair.value, depth + 1) });
        return;
      }
      const known = at.entries.get(name)?.value;
      const inner = known?.kind === "mapping" ? (known as OpenMapping) : this.#mapping(pair);
      if (inner !== known) at.entries.set(name, { key: name, keyPlace, value: inner });
      at = inner;
    }
  }

  #value(node: AST.TOMLContentNode, depth: number): TreeNode {
    if (depth > maxDepth) throw new TooDeep(node.range[0]);
    switch (node.type) {
      case "TOMLArray": {
        const items = node.elements.map((element) => this.#value(element, depth + 1));
        return { kind: "sequence", items, place: this.#place(node) };
      }
      case "TOMLInlineTable": {
        const table = this.#mapping(node);
        for (const pair of node.body) this.#assign(table, pair, depth + 1);
        return table;
      }
      case "TOMLValue":
        return { kind: "scalar", value: scalarOf(node), place: this.#place(node) };
    }
  }

  #mapping(node: AST.TOMLNode): OpenMapping {
    return { kind: "mapping", entries: new Map(), place: this.#place(node) };
  }

  #place(node: AST.TOMLNode): Place {
    return placeAt(this.#source, node.range[0], node.range[1]);
  }
}

function scalarOf(node: AST.TOMLValue): ScalarValue {
  switch (node.kind) {
    case "string":
    case "integer":
    case "float":
    case "boolean":
      return node.value;
    default:
      return node.datetime;
  }
}
