import { parseLeaf } from "../../src/state/ledger/entry.ts";
import type { LineBlock } from "../../src/state/ledger/log-file.ts";
import { Frontier, type Hash, leafHash, nodeHash } from "../../src/state/ledger/merkle.ts";
import { type AskedSize, type Scan, scanLeaves, Times } from "../../src/state/ledger/scan.ts";
import { countOf, inclusionProof, readFrontier } from "../../src/state/ledger/stored-hashes.ts";
import { type Verification, verifyLedger } from "../../src/state/ledger/verify.ts";
import { attacked, type Roots } from "../../src/state/testing/attacked-evidence.ts";
import { attackers, attacks, type Case, caseOf, leafOf, timeOf } from "../../src/state/testing/ledger-attacks.ts";
import { Random } from "../../src/state/testing/random.ts";
import type { Proof, ProofResult } from "./proof.ts";

const size = 1_000_000;
const cases = 10_000;
/** How far before the end most attacks lie, so that what must be hashed anew stays small; some lie anywhere. */
const near = 2_000;
const anywhereEach = 400;

/** 10,000 seeded attacks on a ledger of a million entries. */
export const ledgerAttacksProof: Proof = {
  name: "ledger-attacks",
  title: "Attacks on a ledger of a million entries",
  claim:
    "Each of 10,000 seeded attacks on a ledger of a million entries, by attackers who hold the database, the signing key, the clock or all of them, " +
    "is found, or lies in the window of entries that no witness has seen, which is told. The tree after an attack is hashed from where it differs; " +
    "a sample is verified whole, from every leaf, and gives the same result in every word.",
  run: async ({ seed, minutes }) => proveAttacks(seed, minutes),
};

async function proveAttacks(seed: number, minutes: number): Promise<ProofResult> {
  const end = performance.now() + minutes * 60_000;
  const base = new BaseTree();
  const random = new Random(seed);
  const pairs = attacks.flatMap((attack) => attackers.map((attacker) => [attack, attacker] as const));
  const failures: string[] = [];
  const told = { found: 0, window: 0 };
  let whole = 0;
  for (let count = 0; count < cases; ) {
    const [attack, attacker] = random.pick(pairs);
    const caseSeed = random.below(2 ** 31);
    const reach = count % anywhereEach === 0 ? size : near;
    const one = caseOf(new Random(caseSeed), attack, attacker, size, reach);
    if (one.expected === "not possible") continue;
    count++;
    const tree = new AttackedTree(base, one);
    const result = await judge(one, tree, tree.scan);
    told[one.expected]++;
    const problem = wrong(one, result, tree);
    if (problem !== undefined) failures.push(`seed ${caseSeed}, reach ${reach}: ${attack} by ${attacker}: ${problem}`);
    if (count % (cases / 20) !== 0 || performance.now() > end) continue;
    whole++;
    const again = await judge(one, tree, scanLeaves);
    if (JSON.stringify(again) !== JSON.stringify(result)) {
      failures.push(`seed ${caseSeed}: verified whole it says otherwise: ${JSON.stringify([result, again])}`);
    }
  }
  return {
    figures: [
      ["entries", size.toLocaleString("en")],
      ["attacks", (told.found + told.window).toLocaleString("en")],
      ["found", told.found.toLocaleString("en")],
      ["in the window that is told", told.window.toLocaleString("en")],
      ["verified whole as well", whole],
    ],
    failures,
  };
}

function judge(one: Case, tree: AttackedTree, scan: typeof scanLeaves): Promise<Verification> {
  const { evidence, pins } = attacked(one, tree, () => tree.blocks());
  return verifyLedger(evidence, pins, scan);
}

function wrong(one: Case, { problems, unwitnessed }: Verification, tree: AttackedTree): string | undefined {
  if (one.expected === "found") return problems.length > 0 ? undefined : "nothing was found";
  if (problems.length > 0) return `found what nobody can find: ${problems[0]?.message}`;
  if (one.at >= tree.sizeAfter) return undefined;
  return unwitnessed !== null && unwitnessed.from <= one.at ? undefined : "the entry is told to be witnessed";
}

/** The ledger as it was, by its hashes; the leaves are made when they are needed. */
class BaseTree {
  readonly #hashes = Buffer.alloc(countOf(size) * 32);

  constructor() {
    const tree = new Frontier();
    let position = 0;
    for (let index = 0; index < size; index++) {
      tree.append(leafHash(leafOf(index)), (hash) => {
        this.#hashes.set(hash, position * 32);
        position++;
      });
    }
  }

  readonly read = (position: number): Hash => this.#hashes.subarray(position * 32, position * 32 + 32);

  frontier(at: number): Frontier {
    return readFrontier(at, this.read);
  }
}

/** The ledger after an attack, hashed from where it differs. */
class AttackedTree implements Roots {
  readonly sizeAfter: number;
  readonly #base: BaseTree;
  readonly #one: Case;

  constructor(base: BaseTree, one: Case) {
    this.#base = base;
    this.#one = one;
    this.sizeAfter = one.change.kept + one.change.tail.length;
  }

  before(at: number): Hash {
    return this.#base.frontier(at).root();
  }

  after(at: number): Hash {
    const { replaced, kept, tail } = this.#one.change;
    if (at > kept) {
      const tree = this.#base.frontier(kept);
      for (const leaf of tail.slice(0, at - kept)) tree.append(leafHash(leaf));
      return tree.root();
    }
    const [changed] = [...replaced].filter(([index]) => index < at);
    return changed === undefined ? this.before(at) : this.#rootWith(changed[0], changed[1], at);
  }

  /** The root when one leaf is another: the path above it, from its siblings. */
  #rootWith(index: number, leaf: Buffer, at: number): Hash {
    let node = index;
    let last = at - 1;
    let hash = leafHash(leaf);
    for (const sibling of inclusionProof(index, at, this.#base.read)) {
      // A node without a right neighbour at the end of its row goes up as it is.
      while (node % 2 === 0 && node === last) [node, last] = [node / 2, Math.floor(last / 2)];
      hash = node % 2 === 1 ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
      [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    }
    return hash;
  }

  /** What `scanLeaves` finds, for a tree that is honest up to where it differs. */
  readonly scan: typeof scanLeaves = async (_blocks, asked, isAsked = () => false): Promise<Scan> => {
    const { replaced, kept, tail } = this.#one.change;
    const times = new Times();
    const first = Math.min(kept, ...[...replaced.keys()]) - 1;
    const last = tail.length > 0 ? this.sizeAfter : Math.min(this.sizeAfter, Math.max(first, ...replaced.keys()) + 3);
    const sizes = [...asked].sort((a, b) => a.size - b.size);
    let next = sizes.findIndex((one) => one.size > Math.max(first, 0));
    for (let index = Math.max(first, 0); index < last; index++) {
      times.take(index, this.#timeAt(index), false);
      for (; next >= 0 && sizes[next]?.size === index + 1; next++) compare(times, sizes[next]);
    }
    // Behind the last difference each entry has the time of its place again.
    for (; next >= 0 && next < sizes.length; next++) {
      const one = sizes[next];
      if (one === undefined || one.size > this.sizeAfter) continue;
      const later = new Times();
      later.take(one.size - 1, this.#timeAt(one.size - 1), false);
      compare(later, one);
      times.faults.push(...later.faults);
    }
    const roots = new Map<number, Hash>();
    for (const { size: at } of sizes) if (at <= this.sizeAfter && !roots.has(at)) roots.set(at, this.after(at));
    // The one entry whose time is asked for is the first that is not witnessed; its index is one of the sizes.
    const edge = sizes.find(({ size: at }) => isAsked(at))?.size;
    const timeAt = edge !== undefined && edge < this.sizeAfter ? this.#timeAt(edge) : null;
    return {
      size: this.sizeAfter,
      root: this.after(this.sizeAfter),
      roots,
      foreign: [],
      timeFaults: times.faults,
      clockSteps: [],
      timeAt,
    };
  };

  #timeAt(index: number): string {
    const { replaced, kept, tail } = this.#one.change;
    const leaf = index < kept ? replaced.get(index) : tail[index - kept];
    return leaf === undefined ? new Date(timeOf(index)).toISOString() : (parseLeaf(leaf.toString("utf8"))?.at ?? "");
  }

  /** Every leaf, for a verification that is told nothing of where the attack was. */
  async *blocks(): AsyncGenerator<LineBlock> {
    const { replaced, kept, tail } = this.#one.change;
    for (let from = 0; from < this.sizeAfter; from += 10_000) {
      const parts: Buffer[] = [Buffer.of(0)];
      for (let index = from; index < Math.min(from + 10_000, this.sizeAfter); index++) {
        parts.push(
          index < kept ? (replaced.get(index) ?? leafOf(index)) : (tail[index - kept] ?? leafOf(index)),
          newline,
        );
      }
      const buffer = Buffer.concat(parts);
      yield { buffer, first: 1, last: buffer.length };
    }
  }
}

const newline = Buffer.from("\n");

function compare(times: Times, asked: AskedSize | undefined): void {
  if (asked !== undefined && asked.at !== null) times.compareWithWitness(asked.size - 1, asked.at);
}
