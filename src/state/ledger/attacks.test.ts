import { describe, expect, it } from "vitest";
import { attacked } from "../testing/attacked-evidence.ts";
import { attackers, attacks, type Change, caseOf, leafOf } from "../testing/ledger-attacks.ts";
import { Random } from "../testing/random.ts";
import type { LineBlock } from "./log-file.ts";
import { Frontier, type Hash, leafHash } from "./merkle.ts";
import { verifyLedger } from "./verify.ts";

const size = 60;
const honest = Array.from({ length: size }, (_, index) => leafOf(index));

function apply({ replaced, kept, tail }: Change): Buffer[] {
  const leaves = honest.slice(0, kept).map((leaf, index) => replaced.get(index) ?? leaf);
  return [...leaves, ...tail];
}

function rootOf(leaves: readonly Buffer[]): Hash {
  const tree = new Frontier();
  for (const leaf of leaves) tree.append(leafHash(leaf));
  return tree.root();
}

async function* blockOf(leaves: readonly Buffer[]): AsyncGenerator<LineBlock> {
  const buffer = Buffer.concat([Buffer.of(0), ...leaves.flatMap((leaf) => [leaf, Buffer.from("\n")])]);
  yield { buffer, first: 1, last: buffer.length };
}

describe("a ledger that was attacked", () => {
  const table = attacks.flatMap((attack) => attackers.map((attacker) => [attack, attacker] as const));

  // covers: M7 | any
  it.each(table)(
    "%s, by who holds the %s: is found, or told to be among what no witness has seen",
    async (attack, attacker) => {
      let cases = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const one = caseOf(new Random(seed * 7919), attack, attacker, size, size);
        if (one.expected === "not possible") continue;
        cases++;
        const leaves = apply(one.change);
        const roots = {
          before: (at: number) => rootOf(honest.slice(0, at)),
          after: (at: number) => rootOf(leaves.slice(0, at)),
          sizeAfter: leaves.length,
        };
        const { evidence, pins } = attacked(one, roots, () => blockOf(leaves));
        const result = await verifyLedger(evidence, pins);
        const what = `seed ${seed}: ${attack} at ${one.at} of ${size}, witnessed ${one.witnessed}: ${JSON.stringify(result)}`;
        if (one.expected === "found") {
          expect(result.problems.length, what).toBeGreaterThan(0);
        } else {
          expect(result.problems, what).toEqual([]);
          // What was cut off is not there to be told of; what is there and not witnessed is told.
          if (one.at < leaves.length) expect(result.unwitnessed?.from, what).toBeLessThanOrEqual(one.at);
        }
      }
      expect(cases).toBe(attacker === "clock" && attack !== "back-date" ? 0 : 12);
    },
  );

  it("and one that was not is not said to be", async () => {
    for (let witnessed = 1; witnessed <= size; witnessed += 7) {
      const one = {
        ...caseOf(new Random(1), "edit", "database", size, size),
        witnessed,
        at: size,
        change: { replaced: new Map(), kept: size, tail: [] },
      };
      const roots = {
        before: (at: number) => rootOf(honest.slice(0, at)),
        after: (at: number) => rootOf(honest.slice(0, at)),
        sizeAfter: size,
      };
      const { evidence, pins } = attacked(one, roots, () => blockOf(honest));
      const result = await verifyLedger(evidence, pins);
      expect(result).toMatchObject({ problems: [], notices: [], entries: size, keyPinned: true });
      expect(result.unwitnessed?.from).toBe(witnessed < size ? witnessed : undefined);
    }
  });
});
