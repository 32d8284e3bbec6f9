/**
 * The Merkle tree of RFC 6962 (sections 2.1 to 2.1.2) with SHA-256, and the verification of its proofs as RFC 9162
 * (2.1.3.2 and 2.1.4.2) states it. Sizes and indices are whole numbers up to 2^53.
 */
import { hash } from "node:crypto";

/** A SHA-256 hash, 32 bytes. */
export type Hash = Uint8Array;

/** The hash of the tree without leaves. */
export const emptyRoot: Hash = sha256(new Uint8Array());

function sha256(bytes: Uint8Array): Hash {
  return hash("sha256", bytes, "buffer");
}

export function leafHash(leaf: Uint8Array): Hash {
  const prefixed = new Uint8Array(leaf.length + 1);
  prefixed.set(leaf, 1);
  return sha256(prefixed);
}

/** The hash of a leaf that stands in these bytes right behind one byte that is 0: nothing is copied. */
export function prefixedLeafHash(zeroAndLeaf: Uint8Array): Hash {
  return sha256(zeroAndLeaf);
}

const pair = new Uint8Array(65);
pair[0] = 1;

export function nodeHash(left: Hash, right: Hash): Hash {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/** The roots of the largest complete subtrees of a tree, from the left: all that is needed to append and to tell the root. */
export class Frontier {
  #size: number;
  readonly #roots: Hash[];

  constructor(size = 0, roots: readonly Hash[] = []) {
    this.#size = size;
    this.#roots = [...roots];
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf by its hash; hands out that hash and each hash of a subtree that it completes, from below. */
  append(leaf: Hash, store?: (hash: Hash) => void): void {
    let current = leaf;
    store?.(current);
    for (let index = this.#size; index % 2 === 1; index = Math.floor(index / 2)) {
      const left = this.#roots.pop();
      if (left === undefined) throw new Error("a frontier lacks a subtree of its size");
      current = nodeHash(left, current);
      store?.(current);
    }
    this.#roots.push(current);
    this.#size++;
  }

  root(): Hash {
    const last = this.#roots.at(-1);
    if (last === undefined) return emptyRoot;
    return this.#roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
  }

  copy(): Frontier {
    return new Frontier(this.#size, this.#roots);
  }
}

/** Whether a proof shows that a leaf stands at an index of the tree with this size and root. */
export function inclusionHolds(index: number, size: number, leaf: Hash, proof: readonly Hash[], root: Hash): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  let node = index;
  let last = size - 1;
  let result = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      result = nodeHash(sibling, result);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      result = nodeHash(result, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equal(result, root);
}

/** Whether a proof shows that the tree of the second size and root begins with that of the first, which is not empty. */
export function consistencyHolds(
  size1: number,
  size2: number,
  proof: readonly Hash[],
  root1: Hash,
  root2: Hash,
): boolean {
  if (!isSize(size1) || !isSize(size2) || size1 > size2) return false;
  // Every tree begins with the empty one: no proof shows anything about it.
  if (size1 === 0) return false;
  if (size1 === size2) return proof.length === 0 && equal(root1, root2);
  if (![root1, root2, ...proof].every(isHash)) return false;
  const path = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined || proof.length === 0) return false;
  let node = size1 - 1;
  let last = size2 - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [old, current] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old);
      current = nodeHash(sibling, current);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      current = nodeHash(current, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equal(old, root1) && equal(current, root2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 32;
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}

function half(value: number): number {
  return Math.floor(value / 2);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
