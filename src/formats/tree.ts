/**
 * What every text format is parsed into before facts are made of it: scalars, mappings and sequences with places.
 * A reader of a platform walks this and nothing else.
 */
import type { Place, Source } from "../lib/place.ts";

export type ScalarValue = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: "scalar";
  /** What the program that reads the file takes it to mean, as far as that can be told here. */
  readonly value: ScalarValue;
  /** Why `value` is not the last word (`"TAG" is set nowhere in this folder`); absent when it is. */
  readonly unresolved?: string;
  /** Of an unresolved text, what stands before the first stretch that is not known; absent where that is not told. */
  readonly knownStart?: string;
  /** Names of the variables that were interpolated into it. */
  readonly interpolates?: readonly string[];
  /** Those of them that have the value which the text gives to one that nobody sets. */
  readonly byDefault?: readonly string[];
  /**
   * An explicit tag that is not one of YAML's own (`!reset`); or what the value alone does not tell: `!!timestamp` for a
   * text that is read as a point in time, `!!float` for a whole number that is written with a fraction or exponent.
   */
  readonly tag?: string;
  /** Of a text that is the content of another file, or was made of one as a template: that file. */
  readonly file?: Source;
  readonly place: Place;
}

export interface MappingEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: TreeNode;
  /** Nobody wrote it: the program that reads the file adds it. Its places are the nearest parent's. */
  readonly implied?: true;
}

export interface MappingNode {
  readonly kind: "mapping";
  readonly entries: ReadonlyMap<string, MappingEntry>;
  /** Why entries may be missing; absent when it is whole. */
  readonly incomplete?: string;
  /** An explicit tag that is not one of YAML's own, such as `!override`. */
  readonly tag?: string;
  readonly place: Place;
}

export interface SequenceNode {
  readonly kind: "sequence";
  readonly items: readonly TreeNode[];
  /** Why items may be missing; absent when it is whole. */
  readonly incomplete?: string;
  /** An explicit tag that is not one of YAML's own, such as `!override`. */
  readonly tag?: string;
  readonly place: Place;
}

export type TreeNode = ScalarNode | MappingNode | SequenceNode;

/** The value under a key, or undefined when the node is no mapping or lacks it. */
export function child(node: TreeNode | undefined, key: string): TreeNode | undefined {
  return node?.kind === "mapping" ? node.entries.get(key)?.value : undefined;
}

/** Whether a node is a plain `true`. */
export function isTrue(node: TreeNode | undefined): boolean {
  return node?.kind === "scalar" && node.value === true;
}

/** The plain data of a tree, places left out. For comparing with what the real programs print. */
export function toPlain(node: TreeNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "sequence":
      return node.items.map(toPlain);
    case "mapping":
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
  }
}
