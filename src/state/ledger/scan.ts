import { clockSetBack, parseLeaf } from "./entry.ts";
import type { LineBlock } from "./log-file.ts";
import { Frontier, type Hash, prefixedLeafHash } from "./merkle.ts";
import { sealMark } from "./seal.ts";

/** A size whose root is asked for, and when a witness saw that many entries, if its clock is known. */
export interface AskedSize {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly at: number | null;
}

export interface TimeFault {
  readonly index: number;
  readonly at: string;
  /** `backwards`: before the entry in front of it. `after-witness`: a witness saw it before the time that it states. */
  readonly kind: "backwards" | "after-witness";
  /** What it is compared with. */
  readonly other: string;
}

export interface Scan {
  readonly size: number;
  readonly root: Hash;
  /** The roots of the asked sizes that there are. */
  readonly roots: ReadonlyMap<number, Hash>;
  /** Indices of leaves that Ringwall has not written; the first few. */
  readonly foreign: readonly number[];
  /** The first few. */
  readonly timeFaults: readonly TimeFault[];
  /** Entries that say that the clock was set back; the first few. */
  readonly clockSteps: readonly number[];
  /** The time of the entry at the asked index (`timeOf`), or null. */
  readonly timeAt: string | null;
}

/** Clocks of two machines that differ by less are taken to agree. */
export const clockTolerance = 5 * 60_000;
const mostKept = 20;

/**
 * Goes through all leaves once, without keeping any: hashes the tree, takes the roots of the asked sizes, and holds the
 * entries' times against one another and against what witnesses have seen. The blocks' bytes are overwritten.
 */
export async function scanLeaves(
  blocks: AsyncIterable<LineBlock>,
  asked: readonly AskedSize[],
  timeOf: (index: number) => boolean = () => false,
): Promise<Scan> {
  const tree = new Frontier();
  const sizes = new SizesOnTheWay(asked, tree);
  const times = new Times();
  const foreign: number[] = [];
  let timeAt: string | null = null;
  sizes.reach(times);
  for await (const { buffer, first, last } of blocks) {
    for (let at = first; at < last; ) {
      const start = at;
      const end = buffer.indexOf(newline, start);
      at = end + 1;
      if (buffer[start] === sealMark) continue;
      const action = parseLeaf(buffer.toString("utf8", start, end));
      const index = tree.size;
      buffer[start - 1] = 0;
      tree.append(prefixedLeafHash(buffer.subarray(start - 1, end)));
      if (action !== undefined) {
        times.take(index, action.at, action.action === clockSetBack);
        if (timeOf(index)) timeAt = action.at;
      } else if (foreign.length < mostKept) foreign.push(index);
      sizes.reach(times);
    }
  }
  const { faults: timeFaults, steps: clockSteps } = times;
  return { size: tree.size, root: tree.root(), roots: sizes.roots, foreign, timeFaults, clockSteps, timeAt };
}

const newline = 0x0a;

/** Takes the root at each asked size when the tree has it, and holds the times up to there against the witness's. */
class SizesOnTheWay {
  readonly roots = new Map<number, Hash>();
  readonly #tree: Frontier;
  readonly #sizes: readonly AskedSize[];
  #next = 0;

  constructor(asked: readonly AskedSize[], tree: Frontier) {
    this.#tree = tree;
    this.#sizes = [...asked].sort((a, b) => a.size - b.size);
  }

  reach(times: Times): void {
    for (let asked = this.#sizes[this.#next]; asked?.size === this.#tree.size; asked = this.#sizes[++this.#next]) {
      if (!this.roots.has(asked.size)) this.roots.set(asked.size, this.#tree.root());
      if (asked.at !== null) times.compareWithWitness(asked.size - 1, asked.at);
    }
  }
}

/** The times of entries as they go by. */
export class Times {
  readonly faults: TimeFault[] = [];
  readonly steps: number[] = [];
  #previous = "";
  #latest = "";

  take(index: number, at: string, explains: boolean): void {
    if (at < this.#previous) {
      if (!explains) this.#fault({ index, at, kind: "backwards", other: this.#previous });
      else if (this.steps.length < mostKept) this.steps.push(index);
      // What was said openly is told as such; what follows is measured from there.
      if (explains) this.#latest = at;
    }
    this.#previous = at;
    if (at > this.#latest) this.#latest = at;
  }

  /** What a witness saw at its time was made by then. */
  compareWithWitness(index: number, seenAt: number): void {
    if (this.#latest <= new Date(seenAt + clockTolerance).toISOString()) return;
    this.#fault({ index, at: this.#latest, kind: "after-witness", other: new Date(seenAt).toISOString() });
  }

  #fault(fault: TimeFault): void {
    if (this.faults.length < mostKept) this.faults.push(fault);
  }
}
