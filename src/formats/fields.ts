import { complete, type Fact, type FactList, incomplete, stated, unknown } from "../facts/fact.ts";
import type { Place } from "../lib/place.ts";
import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "./tree.ts";

/** What a scalar means, or undefined when it is not of the kind that is asked for. */
export type ScalarParser<T> = (node: ScalarNode) => T | undefined;

/** One member of a list: its meaning, or why it cannot be told. */
export type ItemParser<T> = (node: TreeNode, key: string | undefined) => Item<T>;
export type Item<T> = { readonly value: T } | { readonly why: string } | "nothing";

/**
 * The fields of one mapping, asked for by name. What is absent from a mapping that may not be whole, or from one that
 * cannot be resolved, is unknown and never absent. A null is as good as nothing, as it is to Compose and Kubernetes.
 */
export class Fields {
  readonly #node: MappingNode | undefined;
  /** Why a field that is not here may be there all the same; undefined when it is not. */
  readonly hidden: string | undefined;
  /** Where what is absent is said to be absent: the nearest parent's key. */
  readonly place: Place;

  private constructor(node: MappingNode | undefined, hidden: string | undefined, place: Place) {
    this.#node = node;
    this.hidden = hidden;
    this.place = place;
  }

  /** `name` is spoken of when the node is no mapping. */
  static of(node: TreeNode | undefined, place: Place, name: string, hidden?: string): Fields {
    if (node?.kind === "mapping") return new Fields(node, node.incomplete ?? hidden, place);
    if (node === undefined || isNull(node)) return new Fields(undefined, hidden, place);
    return new Fields(undefined, whyNot(node, `\`${name}\` is not a mapping`), node.place);
  }

  /** The value under a key; undefined when it is absent or null. */
  node(key: string): TreeNode | undefined {
    const value = this.#node?.entries.get(key)?.value;
    // Spelled out: every field of every subject comes by here.
    return value?.kind === "scalar" && value.value === null && value.unresolved === undefined ? undefined : value;
  }

  /** The key's own place, or that of the nearest parent. */
  keyPlace(key: string): Place {
    return this.#node?.entries.get(key)?.keyPlace ?? this.place;
  }

  /** One entry, null or not. */
  entry(key: string): MappingEntry | undefined {
    return this.#node?.entries.get(key);
  }

  /** Every entry, nulls included. */
  get entries(): readonly MappingEntry[] {
    return this.#node === undefined ? [] : [...this.#node.entries.values()];
  }

  /** The fields of a mapping inside this one; absent ones keep this one's place. */
  fields(key: string): Fields {
    if (this.#node === undefined) return this;
    return Fields.of(this.node(key), this.place, key, this.hidden);
  }

  /** One scalar as a fact; `absent` says what its absence means. */
  fact<T>(key: string, parse: ScalarParser<T>, expected: string, absent: (place: Place) => Fact<NoInfer<T>>): Fact<T> {
    const node = this.node(key);
    if (node === undefined) return this.hidden === undefined ? absent(this.place) : unknown(this.hidden, this.place);
    const value = meaningOf(node, parse);
    if (value !== undefined) return stated(value, node.place);
    return unknown(whyNot(node, `\`${key}\` is not ${expected}`), node.place);
  }

  /**
   * A sequence, a mapping (its entries), or one scalar (a list of one) as a list. Members that cannot be told make it
   * incomplete.
   */
  list<T>(key: string, parse: ItemParser<T>): FactList<T> {
    const node = this.node(key);
    if (node === undefined) {
      return this.hidden === undefined ? complete([], this.place) : incomplete([], this.hidden, this.place);
    }
    return listOf(node, parse);
  }
}

/** A node's members as a list; see `Fields.list`. */
export function listOf<T>(node: TreeNode, parse: ItemParser<T>): FactList<T> {
  const items: T[] = [];
  let why = node.kind === "scalar" ? undefined : node.incomplete;
  const add = (item: Item<T>) => {
    if (item === "nothing") return;
    if ("value" in item) items.push(item.value);
    else why ??= item.why;
  };
  switch (node.kind) {
    case "sequence":
      for (const member of node.items) add(parse(member, undefined));
      break;
    case "mapping":
      for (const entry of node.entries.values()) add(parse(entry.value, entry.key));
      break;
    case "scalar":
      add(node.unresolved === undefined ? parse(node, undefined) : { why: node.unresolved });
  }
  return why === undefined ? complete(items, node.place) : incomplete(items, why, node.place);
}

/** A scalar that must be resolved and of the right kind to be known. */
export function scalarFact<T>(node: TreeNode, parse: ScalarParser<T>, whyWrong: string): Fact<T> {
  const value = meaningOf(node, parse);
  return value === undefined ? unknown(whyNot(node, whyWrong), node.place) : stated(value, node.place);
}

/** What a resolved scalar of the right kind means; undefined for anything else. */
function meaningOf<T>(node: TreeNode, parse: ScalarParser<T>): T | undefined {
  return node.kind === "scalar" && node.unresolved === undefined ? parse(node) : undefined;
}

/** A list's member that is a resolved text. */
export function textItem<T>(change: (text: string, place: Place) => Item<T>): ItemParser<T> {
  return (node) => {
    if (node.kind !== "scalar") return { why: "an entry of the list is not a text" };
    if (node.unresolved !== undefined) return { why: node.unresolved };
    const text = asText(node);
    return text === undefined ? "nothing" : change(text, node.place);
  };
}

export function isNull(node: TreeNode): boolean {
  return node.kind === "scalar" && node.value === null && node.unresolved === undefined;
}

function whyNot(node: TreeNode, otherwise: string): string {
  return (node.kind === "scalar" ? node.unresolved : node.incomplete) ?? otherwise;
}

/** Any scalar as text; undefined for null. */
export const asText: ScalarParser<string> = (node) => (node.value === null ? undefined : String(node.value));

export const asBoolean: ScalarParser<boolean> = (node) => {
  if (typeof node.value === "boolean") return node.value;
  if (node.value === "true") return true;
  return node.value === "false" ? false : undefined;
};

/** A whole number, also as text. */
export const asInteger: ScalarParser<number> = (node) => {
  if (typeof node.value === "number") return Number.isSafeInteger(node.value) ? node.value : undefined;
  return typeof node.value === "string" && /^-?\d{1,15}$/.test(node.value) ? Number(node.value) : undefined;
};

/** A number with or without a fraction, also as text. */
export const asDecimal: ScalarParser<number> = (node) => {
  if (typeof node.value === "number") return Number.isFinite(node.value) ? node.value : undefined;
  return typeof node.value === "string" && /^-?(\d+\.?\d*|\.\d+)$/.test(node.value) ? Number(node.value) : undefined;
};

/** Permission bits: a number is taken as it is, a text as octal (`"0400"`). */
export const asMode: ScalarParser<number> = (node) => {
  if (typeof node.value === "number") return Number.isInteger(node.value) && node.value >= 0 ? node.value : undefined;
  return typeof node.value === "string" && /^0?o?[0-7]{1,6}$/.test(node.value)
    ? Number.parseInt(node.value.replace("o", ""), 8)
    : undefined;
};
