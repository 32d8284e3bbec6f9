/**
 * Lists that a strategic merge patch merges member by member. What kustomize makes of lists with two merge keys (ports
 * by number and protocol) depends on which members state both, and of some patches it makes nothing; this does the same.
 *
 * Source: kustomize v5.7.1, `kyaml/yaml/walk/associative_sequence.go`, `ElementSetter` in `kyaml/yaml/fns.go`.
 */
import { child, type TreeNode } from "../../../../formats/tree.ts";
import { append } from "../../../../lib/append.ts";
import { scalar, textAt, textOf, withValue } from "../nodes.ts";

/** Merges a member of the object's list with one of the patch's; undefined when the patch deletes it. */
export type MergeMember = (dest: TreeNode | undefined, patch: TreeNode | undefined) => TreeNode | undefined;

/** The members that have no merge key but are one themselves, such as finalizers. */
export function mergeScalars(base: readonly TreeNode[], patches: readonly TreeNode[]): readonly TreeNode[] {
  const seen = new Set<string>();
  return [...patches, ...base].filter((item) => {
    const text = textOf(item) ?? "";
    return !seen.has(text) && seen.add(text) !== undefined;
  });
}

/** The patch's members first, merged with those of the same key; then what is left. */
export function mergeByKey(
  base: readonly TreeNode[],
  patches: readonly TreeNode[],
  key: string,
  merge: MergeMember,
): readonly TreeNode[] {
  const byKey = new Map<string, TreeNode[]>();
  for (const item of base) append(byKey, textAt(item, key) ?? "", item);
  const left = new Set(base);
  const made: TreeNode[] = [];
  const seen = new Set<string>();
  for (const patch of patches) {
    const name = textAt(patch, key);
    if (name !== undefined && seen.has(name)) continue;
    seen.add(name ?? "");
    const found = name === undefined ? undefined : byKey.get(name)?.find((item) => left.has(item));
    if (found !== undefined) left.delete(found);
    // A member cannot be replaced as a whole: kustomize keeps the one that is there.
    const merged = merge(found, found !== undefined && replacesItself(patch) ? undefined : patch);
    if (merged !== undefined && !isEmpty(merged)) made.push(merged);
  }
  const rest = [...left].map((item) => merge(item, undefined));
  return [...made, ...rest.filter((item) => item !== undefined)];
}

function replacesItself(patch: TreeNode): boolean {
  return textOf(child(patch, "$patch")) === "replace";
}

/** One text for each merge key; empty where the member does not state it. */
type Values = readonly string[];

/** A member that is there, in the state that merging has brought it to. */
interface Member {
  node: TreeNode;
}

/** Members from which on a list is merged by its first key alone: the exact way takes time that grows with their square. */
const most = 300;

export function mergeByKeys(
  base: readonly TreeNode[],
  patches: readonly TreeNode[],
  keys: readonly string[],
  merge: MergeMember,
): readonly TreeNode[] {
  if (base.length + patches.length > most) return mergeByKey(base, patches, keys[0] ?? "", merge);
  return new KeyedList(base, patches, keys, merge).merged();
}

class KeyedList {
  readonly #keys: readonly string[];
  readonly #merge: MergeMember;
  readonly #patches: readonly TreeNode[];
  #base: Member[];
  #made: Member[] = [];

  constructor(base: readonly TreeNode[], patches: readonly TreeNode[], keys: readonly string[], merge: MergeMember) {
    this.#base = base.map((node) => ({ node }));
    this.#patches = patches;
    this.#keys = keys;
    this.#merge = merge;
  }

  merged(): readonly TreeNode[] {
    const values = completed(this.#valuesOf([...this.#patches, ...this.#base.map(({ node }) => node)]));
    const stated = this.#keys.filter((_, index) => values.some((each) => each[index] !== ""));
    const keys = stated.length === 0 ? this.#keys : stated;
    for (const each of values) {
      this.#one(
        each,
        keys,
        stated.length === 0 ? each : each.filter((_, index) => keys.includes(this.#keys[index] ?? "")),
      );
    }
    for (const member of this.#base) this.#keep(member, keys);
    return this.#made.map(({ node }) => node);
  }

  /** The different values of the members' keys, in order. */
  #valuesOf(members: readonly TreeNode[]): Values[] {
    const seen = new Map<string, Values>();
    for (const member of members) {
      const values = this.#keys.map((key) => textAt(member, key) ?? "");
      const name = values.join("\0");
      if (!seen.has(name)) seen.set(name, values);
    }
    return [...seen.values()];
  }

  #one(all: Values, keys: readonly string[], values: Values): void {
    const given = this.#keys.flatMap((key, index) => (all[index] === "" ? [] : [[key, all[index] ?? ""] as const]));
    const isIt = (node: TreeNode): boolean =>
      given.length > 0 && given.every(([key, value]) => textAt(node, key) === value);
    const dest = this.#base.find(({ node }) => isIt(node));
    const patch = this.#patches.find(isIt);
    if (dest === undefined && patch === undefined) return;
    const merged = this.#merge(dest?.node, patch);
    if (merged === undefined || isEmpty(merged)) {
      this.#base = this.#base.filter(({ node }) => !matches(node, keys, values));
      return;
    }
    const node = keys.reduce((made, key, index) => withKey(made, key, values[index] ?? ""), merged);
    const isReplaced = dest !== undefined && patch !== undefined && replacesItself(patch);
    const member = dest === undefined || isReplaced ? { node } : dest;
    member.node = node;
    this.#made = put(this.#made, member, keys, values);
  }

  /** Puts a member that was there where kustomize does: in the place of those that it takes for the same. */
  #keep(member: Member, keys: readonly string[]): void {
    const values = keys.map((key) => textAt(member.node, key));
    const known = values.filter((value) => value !== undefined);
    if (keys.length > 1 || known.length < values.length) {
      this.#made = this.#made.filter(({ node }) => !matches(node, keys.slice(0, known.length), known));
    }
    this.#made = put(this.#made, member, keys.slice(0, Math.max(1, known.length)), known);
  }
}

/** The list with a member in the place of those with the same keys, or at its end. */
function put(list: readonly Member[], member: Member, keys: readonly string[], values: Values): Member[] {
  let found = false;
  const next = list.map((each) => {
    if (!matches(each.node, keys, values)) return each;
    found = true;
    return member;
  });
  return [...new Set(found ? next : [...next, member])];
}

/** An empty value stands for any, but the key must be there. */
function matches(node: TreeNode, keys: readonly string[], values: Values): boolean {
  return keys.every((key, index) => {
    const text = textAt(node, key);
    return text !== undefined && (values[index] === undefined || values[index] === "" || values[index] === text);
  });
}

function withKey(node: TreeNode, key: string, value: string): TreeNode {
  if (value === "" || node.kind !== "mapping" || node.entries.has(key)) return node;
  return withValue(node, key, scalar(value, node.place));
}

/** Values that differ only in what one of them leaves out are completed by one another. */
function completed(values: Values[]): readonly Values[] {
  const result = [...values];
  for (const [index] of result.entries()) {
    // What it was when its turn came: kustomize does not look at it again.
    const before = result[index] ?? [];
    for (const [other] of result.entries()) {
      const joined = join(before, result[other] ?? []);
      if (joined === undefined) continue;
      result[index] = joined;
      result[other] = joined;
    }
  }
  return result;
}

function join(one: Values, other: Values): Values | undefined {
  const fits = one.every((value, index) => value === other[index] || value === "" || other[index] === "");
  const common = one.some((value, index) => value === other[index]);
  return fits && common ? one.map((value, index) => (value === "" ? (other[index] ?? "") : value)) : undefined;
}

function isEmpty(node: TreeNode): boolean {
  return node.kind === "mapping" && node.entries.size === 0;
}
