import type { InputProblem } from "../../facts/system.ts";
import { type Place, placeAt, type Source } from "../../lib/place.ts";
import { didYouMean } from "../../lib/suggest.ts";
import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, TreeNode } from "../tree.ts";
import { isFloat, isTimestamp, oldBoolean, resolvePlain } from "./scalars.ts";

/** What the program behind a YAML file wants beyond YAML itself. */
export interface YamlOptions {
  /** The program refuses keys that YAML reads as a number, a boolean or null. */
  readonly textKeys?: boolean;
  /** The program takes YAML 1.1's further words for booleans (`yes`, `off`, `n`): `kubectl`, not `kubectl kustomize`. */
  readonly booleans?: "1.1";
}

/** Nodes that aliases may stand for in one text; more is an attack on who reads it. */
export const maxAliasNodes = 200_000;
/** How deep mappings and lists may nest. */
export const maxDepth = 200;

/** Mistakes of one text that are told. */
const maxProblems = 50;

/** A mapping while its entries are read. */
export interface OpenMapping {
  readonly entries: Map<string, MappingEntry>;
  merges: { readonly value: TreeNode; readonly place: Place }[] | undefined;
}

/** A node's anchor and tag as they stand before it. */
export interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

/** YAML's own tags, by their short names; all others are the program's. */
const ownTags = new Set(["!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary", "!!map", "!!seq"]);

/**
 * Makes tree nodes of what a reader of YAML finds, and keeps what is common to all of them: anchors, merge keys,
 * repeated keys, meanings of scalars, problems.
 */
export class TreeBuilder {
  readonly source: Source;
  readonly problems: InputProblem[] = [];
  tagged = false;
  readonly #options: YamlOptions;
  readonly #anchors = new Map<string, { readonly node: TreeNode; readonly size: number }>();
  #count = 0;
  #aliased = 0;

  constructor(source: Source, options: YamlOptions) {
    this.source = source;
    this.#options = options;
  }

  /** Nodes made so far, those that aliases stand for counted each time. */
  get count(): number {
    return this.#count;
  }

  /** Says that the whole text is a template. */
  template(message: string, place: Place, hint: string): void {
    this.problems.push({ severity: "error", message, place, hint, template: true });
  }

  error(message: string, place: Place, hint?: string): void {
    if (this.problems.length > maxProblems) return;
    if (this.problems.length === maxProblems) {
      this.problems.push({
        severity: "error",
        message: `More mistakes follow; these are the first ${maxProblems}.`,
        place,
      });
      return;
    }
    this.problems.push({ severity: "error", message, place, ...(hint === undefined ? {} : { hint }) });
  }

  /** Anchors reach as far as their document. */
  beginDocument(): void {
    this.#anchors.clear();
  }

  plain(text: string, start: number, end: number, tag?: string): ScalarNode {
    this.#count++;
    const place = placeAt(this.source, start, end);
    if (tag !== undefined) return this.#taggedScalar(text, tag, place);
    if (text.charCodeAt(4) === 45 && isTimestamp(text))
      return { kind: "scalar", value: text, tag: "!!timestamp", place };
    const value = this.#options.booleans === "1.1" ? (oldBoolean(text) ?? resolvePlain(text)) : resolvePlain(text);
    if (typeof value === "number" && Number.isInteger(value) && isFloat(text))
      return { kind: "scalar", value, tag: "!!float", place };
    return { kind: "scalar", value, place };
  }

  quoted(text: string, start: number, end: number, tag?: string): ScalarNode {
    this.#count++;
    const place = placeAt(this.source, start, end);
    return tag === undefined ? { kind: "scalar", value: text, place } : this.#taggedScalar(text, tag, place);
  }

  /** The value of a key that has none. */
  empty(offset: number, tag?: string): ScalarNode {
    return this.plain("", offset, offset, tag);
  }

  sequence(items: TreeNode[], start: number, end: number, tag?: string): SequenceNode {
    this.#count++;
    const place = placeAt(this.source, start, end);
    return tag === undefined
      ? { kind: "sequence", items, place }
      : { kind: "sequence", items, ...this.#ownTag(tag), place };
  }

  open(): OpenMapping {
    return { entries: new Map(), merges: undefined };
  }

  /** Puts an entry into a mapping. `plainKey`: the key was written without quotes. */
  put(mapping: OpenMapping, key: string, plainKey: boolean, start: number, end: number, value: TreeNode): void {
    const keyPlace = placeAt(this.source, start, end);
    if (plainKey && key === "<<") {
      if (mapping.merges === undefined) mapping.merges = [];
      else this.#repeated(key, keyPlace, mapping.merges[0]?.place);
      mapping.merges.push({ value, place: keyPlace });
      return;
    }
    const known = mapping.entries.get(key);
    if (known !== undefined) {
      this.#repeated(key, keyPlace, known.keyPlace);
      return;
    }
    if (plainKey && this.#options.textKeys === true) this.#checkKey(key, keyPlace);
    mapping.entries.set(key, { key, keyPlace, value });
  }

  close(mapping: OpenMapping, start: number, end: number, tag?: string): MappingNode {
    this.#count++;
    const { entries, merges } = mapping;
    if (merges !== undefined) for (const merge of merges) this.#merge(entries, merge.value, merge.place);
    const place = placeAt(this.source, start, end);
    return tag === undefined
      ? { kind: "mapping", entries, place }
      : { kind: "mapping", entries, ...this.#ownTag(tag), place };
  }

  /** Remembers a finished node under its anchor; `before` is the count when the node was begun. */
  anchor(name: string | undefined, node: TreeNode, before: number): TreeNode {
    if (name !== undefined) this.#anchors.set(name, { node, size: this.#count - before });
    return node;
  }

  /** The node that an alias stands for; a scalar that is not known where it stands for none. */
  alias(name: string, start: number, end: number): TreeNode {
    const place = placeAt(this.source, start, end);
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.error(
        `The alias *${name} stands for nothing: no anchor &${name} comes before it.${didYouMean(name, this.#anchors.keys())}`,
        place,
      );
      return { kind: "scalar", value: null, unresolved: `no anchor &${name} comes before it`, place };
    }
    this.#aliased += target.size;
    if (this.#aliased > maxAliasNodes) {
      if (this.#aliased - target.size <= maxAliasNodes) {
        this.error(
          `The aliases of this file stand for more than ${maxAliasNodes} values; from here on they are not read.`,
          place,
        );
      }
      this.#aliased = maxAliasNodes + 1;
      return { kind: "scalar", value: null, unresolved: "the aliases of its file stand for too many values", place };
    }
    this.#count += target.size;
    return target.node;
  }

  #taggedScalar(text: string, tag: string, place: Place): ScalarNode {
    switch (tag) {
      case "!!int":
      case "!!float":
      case "!!bool":
      case "!!null":
        return this.#typedScalar(text, tag, place);
      case "!!binary":
        return { kind: "scalar", value: Buffer.from(text, "base64").toString("utf8"), place };
      default:
        return { kind: "scalar", value: text, ...this.#ownTag(tag), place };
    }
  }

  #typedScalar(text: string, tag: string, place: Place): ScalarNode {
    const value = resolvePlain(text);
    const fits = tag === "!!null" ? value === null : typeof value === (tag === "!!bool" ? "boolean" : "number");
    if (fits && (tag !== "!!int" || !isFloat(text))) return { kind: "scalar", value, place };
    this.error(`This is tagged ${tag} and is none.`, place, "Remove the tag or change the value.");
    return { kind: "scalar", value: text, unresolved: `it is tagged ${tag} and is none`, place };
  }

  #ownTag(tag: string): { readonly tag?: string } {
    if (ownTags.has(tag)) return {};
    this.tagged = true;
    return { tag };
  }

  #checkKey(key: string, place: Place): void {
    const value = resolvePlain(key);
    if (typeof value === "string") return;
    const kind = value === null ? "null" : typeof value === "number" ? "a number" : "a boolean";
    this.error(
      `The key ${key === "" ? "before this colon" : key} is read as ${kind}, where a text is wanted.`,
      place,
      `Put it in quotes: "${key}".`,
    );
  }

  #repeated(key: string, place: Place, first: Place | undefined): void {
    if (this.problems.length > maxProblems) return;
    const line = first?.kind === "file" ? ` (the first is in line ${first.source.locate(first.offset).line})` : "";
    this.error(
      `The key "${key}" stands twice in one mapping${line}.`,
      place,
      "Remove one of the two; the first is taken here.",
    );
  }

  #merge(entries: Map<string, MappingEntry>, value: TreeNode, place: Place): void {
    const sources = value.kind === "sequence" ? value.items : [value];
    for (const source of sources) {
      if (source.kind === "mapping") {
        for (const [key, each] of source.entries) if (!entries.has(key)) entries.set(key, each);
      } else if (source.kind !== "scalar" || source.unresolved === undefined) {
        this.error("`<<` merges mappings; this is none.", place, "Give it an alias of a mapping, or a list of such.");
      }
    }
  }
}
