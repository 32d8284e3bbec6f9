/**
 * Where the hash of each complete subtree stands in a file that only grows: right behind the hash of the leaf that
 * completes it, as Go's `tlog.StoredHashIndex` has it. And the proofs of RFC 6962 made from such a file.
 */
import { emptyRoot, Frontier, type Hash, nodeHash } from "./merkle.ts";

/** Reads the hash at a position, counted in hashes. */
export type ReadHash = (position: number) => Hash;

/** The position of the n-th complete subtree with 2^level leaves. */
export function positionOf(level: number, index: number): number {
  let leaf = index;
  for (let above = level; above > 0; above--) leaf = leaf * 2 + 1;
  let position = level;
  for (let rest = leaf; rest > 0; rest = Math.floor(rest / 2)) position += rest;
  return position;
}

/** How many hashes a tree of this size has in the file. */
export function countOf(size: number): number {
  let count = 0;
  for (let level = size; level > 0; level = Math.floor(level / 2)) count += level;
  return count;
}

/** The largest complete subtrees of the leaves from `start` up to `end`, from the left. */
function subtrees(start: number, end: number): { readonly level: number; readonly index: number }[] {
  const found: { level: number; index: number }[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    found.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return found;
}

export function readFrontier(size: number, read: ReadHash): Frontier {
  return new Frontier(
    size,
    subtrees(0, size).map(({ level, index }) => read(positionOf(level, index))),
  );
}

/** The hash over the leaves from `start` up to `end`, where `start` begins a subtree at least as large. */
function hashOver(start: number, end: number, read: ReadHash): Hash {
  const hashes = subtrees(start, end).map(({ level, index }) => read(positionOf(level, index)));
  const last = hashes.pop();
  return last === undefined ? emptyRoot : hashes.reduceRight((right, left) => nodeHash(left, right), last);
}

/** The largest power of two below a size that is more than one. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** RFC 6962, 2.1.1: the path from a leaf to the root of the tree with `size` leaves, from below. */
export function inclusionProof(leaf: number, size: number, read: ReadHash): Hash[] {
  const path = (start: number, end: number): Hash[] => {
    if (end - start <= 1) return [];
    const middle = start + split(end - start);
    return leaf < middle
      ? [...path(start, middle), hashOver(middle, end, read)]
      : [...path(middle, end), hashOver(start, middle, read)];
  };
  return path(0, size);
}

/** RFC 6962, 2.1.2: what shows that the tree of `size2` leaves begins with that of `size1`. */
export function consistencyProof(size1: number, size2: number, read: ReadHash): Hash[] {
  const path = (start: number, end: number, whole: boolean): Hash[] => {
    if (size1 === end) return whole ? [] : [hashOver(start, end, read)];
    const middle = start + split(end - start);
    return size1 <= middle
      ? [...path(start, middle, whole), hashOver(middle, end, read)]
      : [...path(middle, end, false), hashOver(start, middle, read)];
  };
  return size1 === 0 || size1 === size2 ? [] : path(0, size2, true);
}
