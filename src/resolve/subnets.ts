/** Addresses for zones and networks: without overlap, and the same on every run. */
import { createHash } from "node:crypto";

/** An IPv4 network as a number and a prefix length. */
export interface Block {
  readonly base: number;
  readonly prefix: number;
}

export interface Wanted {
  readonly name: string;
  readonly prefix: number;
}

export interface Allocation {
  readonly given: ReadonlyMap<string, Block>;
  /** Those for which there was no room. */
  readonly refused: readonly string[];
}

/** Reads `10.1.0.0/16`; undefined for what is no IPv4 network. */
export function parseBlock(cidr: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match.slice(1).map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  const base = ((a * 256 + b) * 256 + c) * 256 + d;
  return base % sizeOf(prefix) === 0 ? { base, prefix } : undefined;
}

export function formatBlock(block: Block): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(block.base / 2 ** shift) % 256);
  return `${bytes.join(".")}/${block.prefix}`;
}

/** How many addresses a prefix has. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

export function overlaps(a: Block, b: Block): boolean {
  return a.base < b.base + sizeOf(b.prefix) && b.base < a.base + sizeOf(a.prefix);
}

export function contains(outer: Block, inner: Block): boolean {
  return outer.prefix <= inner.prefix && overlaps(outer, inner);
}

/** A number from a name, evenly spread and the same everywhere. */
export function spread(name: string): number {
  return createHash("sha256").update(name).digest().readUInt32BE(0);
}

/**
 * Gives each name a block of the pool. What `recorded` says is kept where it still fits. The others begin at a slot
 * that follows from their name and go on in steps that follow from it too, in an order that follows from the names: the
 * same names get the same blocks in whatever order they come, and another name moves only those whose slot it takes.
 * To move none at all, hand in what was given before as `recorded`.
 */
export function allocate(
  pool: Block,
  wanted: readonly Wanted[],
  recorded: ReadonlyMap<string, Block>,
  taken: readonly Block[] = [],
): Allocation {
  const finest = Math.max(pool.prefix, ...wanted.map((want) => want.prefix), ...taken.map((block) => block.prefix));
  const occupied = new Occupied(pool, finest);
  for (const block of taken) occupied.take(block);
  const given = new Map<string, Block>();
  const open: Wanted[] = [];
  for (const want of wanted) {
    const before = recorded.get(want.name);
    if (before?.prefix === want.prefix && contains(pool, before) && occupied.isFree(before)) {
      occupied.take(before);
      given.set(want.name, before);
    } else {
      open.push(want);
    }
  }
  const refused: string[] = [];
  const order = open.map((want) => ({ want, rank: spread(`order ${want.name}`) }));
  order.sort((a, b) => a.want.prefix - b.want.prefix || a.rank - b.rank || (a.want.name < b.want.name ? -1 : 1));
  for (const { want } of order) {
    const block = place(pool, want, occupied);
    if (block === undefined) refused.push(want.name);
    else given.set(want.name, block);
  }
  return { given, refused };
}

function place(pool: Block, want: Wanted, occupied: Occupied): Block | undefined {
  if (want.prefix < pool.prefix) return undefined;
  const slots = 2 ** (want.prefix - pool.prefix);
  // Odd, and the number of slots a power of two: every slot is visited once.
  const step = (spread(`step ${want.name}`) % slots) | 1;
  let slot = spread(want.name) % slots;
  for (let tries = 0; tries < slots; tries++) {
    const block = { base: pool.base + slot * sizeOf(want.prefix), prefix: want.prefix };
    if (occupied.isFree(block)) {
      occupied.take(block);
      return block;
    }
    slot = (slot + step) % slots;
  }
  return undefined;
}

/** Which parts of a pool are taken, in units of the finest prefix. */
class Occupied {
  readonly #pool: Block;
  readonly #unit: number;
  readonly #units = new Set<number>();

  constructor(pool: Block, finest: number) {
    this.#pool = pool;
    this.#unit = sizeOf(finest);
  }

  take(block: Block): void {
    for (const unit of this.#range(block)) this.#units.add(unit);
  }

  isFree(block: Block): boolean {
    for (const unit of this.#range(block)) if (this.#units.has(unit)) return false;
    return true;
  }

  *#range(block: Block): Generator<number> {
    const end = this.#pool.base + sizeOf(this.#pool.prefix);
    const from = Math.max(block.base, this.#pool.base);
    const to = Math.min(block.base + sizeOf(block.prefix), end);
    for (let at = Math.floor((from - this.#pool.base) / this.#unit); at * this.#unit + this.#pool.base < to; at++)
      yield at;
  }
}
