import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consistencyHolds, emptyRoot, Frontier, type Hash, inclusionHolds, leafHash, nodeHash } from "./merkle.ts";
import { consistencyProof, countOf, inclusionProof, readFrontier } from "./stored-hashes.ts";

const corpus = join(import.meta.dirname, "../../../../shared/corpus/merkle/testdata");

function vectors(kind: string): { readonly name: string; readonly data: Record<string, unknown> }[] {
  return readdirSync(join(corpus, kind), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, data: JSON.parse(readFileSync(join(corpus, kind, name), "utf8")) }));
}

const bytes = (text: unknown) => Buffer.from(String(text ?? ""), "base64");
const hashes = (list: unknown) => (Array.isArray(list) ? list.map(bytes) : []);

describe.skipIf(!existsSync(corpus))(
  "the proofs of transparency-dev/merkle (not here: ../shared/corpus/merkle)",
  () => {
    // covers: M7 | any | real: transparency-dev/merkle 417fb0c3
    it("of inclusion are told right from wrong", () => {
      const all = vectors("inclusion");
      expect(all.length).toBeGreaterThan(80);
      for (const { name, data } of all) {
        const holds = inclusionHolds(
          Number(data.leafIdx),
          Number(data.treeSize),
          bytes(data.leafHash),
          hashes(data.proof),
          bytes(data.root),
        );
        expect(holds, name).toBe(data.wantErr !== true);
      }
    });

    // covers: M7 | any | real: transparency-dev/merkle 417fb0c3
    it("of consistency are told right from wrong", () => {
      const all = vectors("consistency");
      expect(all.length).toBeGreaterThan(80);
      for (const { name, data } of all) {
        const holds = consistencyHolds(
          Number(data.size1),
          Number(data.size2),
          hashes(data.proof),
          bytes(data.root1),
          bytes(data.root2),
        );
        expect(holds, `${name}: ${data.desc}`).toBe(data.wantErr !== true);
      }
    });
  },
);

/** The tree's hash as RFC 6962, 2.1 defines it, without any cleverness. */
function rootOf(leaves: readonly Uint8Array[]): Hash {
  if (leaves.length === 0) return emptyRoot;
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return leafHash(only);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function treeOf(leaves: readonly Uint8Array[]) {
  const stored: Hash[] = [];
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leafHash(leaf), (hash) => stored.push(hash));
  const read = (position: number) => stored[position] ?? Buffer.alloc(32);
  return { stored, frontier, read };
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`));

describe("a tree that grows", () => {
  it("has the root that RFC 6962 defines, at every size, and one hash for each complete subtree", () => {
    for (let size = 0; size <= 70; size++) {
      const leaves = leavesOf(size);
      const { frontier, stored, read } = treeOf(leaves);
      expect(Buffer.from(frontier.root())).toEqual(Buffer.from(rootOf(leaves)));
      expect(stored).toHaveLength(countOf(size));
      expect(Buffer.from(readFrontier(size, read).root())).toEqual(Buffer.from(frontier.root()));
    }
  });

  it("proves every leaf of every size, and every earlier size", () => {
    for (let size = 1; size <= 40; size++) {
      const leaves = leavesOf(size);
      const { read } = treeOf(leaves);
      const root = rootOf(leaves);
      leaves.forEach((leaf, index) => {
        expect(inclusionHolds(index, size, leafHash(leaf), inclusionProof(index, size, read), root)).toBe(true);
      });
      for (let before = 1; before <= size; before++) {
        const proof = consistencyProof(before, size, read);
        expect(consistencyHolds(before, size, proof, rootOf(leaves.slice(0, before)), root), `${before}/${size}`).toBe(
          true,
        );
      }
    }
  });

  it("gives no proof that holds for another leaf, place, size or history", () => {
    const changed = fc.record({
      size: fc.integer({ min: 2, max: 200 }),
      at: fc.nat(),
      other: fc.nat(),
    });
    fc.assert(
      fc.property(changed, ({ size, at, other }) => {
        const leaves = leavesOf(size);
        const { read } = treeOf(leaves);
        const root = rootOf(leaves);
        const index = at % size;
        const proof = inclusionProof(index, size, read);
        const leaf = leafHash(leaves[index] ?? Buffer.alloc(0));
        expect(inclusionHolds(index, size, leafHash(Buffer.from("forged")), proof, root)).toBe(false);
        const elsewhere = other % size;
        if (elsewhere !== index) expect(inclusionHolds(elsewhere, size, leaf, proof, root)).toBe(false);
        const before = 1 + (other % (size - 1));
        const rewritten = leaves.slice(0, before).with(other % before, Buffer.from("rewritten"));
        const consistency = consistencyProof(before, size, read);
        expect(consistencyHolds(before, size, consistency, rootOf(rewritten), root)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
