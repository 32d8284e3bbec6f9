import { type Crossing, type Crossings, crossingEdge, type Member } from "./reach-crossings.ts";
import { leadsTo, nodeKey, type ReachEdge } from "./reach-edge.ts";

/** What is open for sure, and then what may be. */
export function sureFirst(edges: readonly ReachEdge[]): readonly ReachEdge[] {
  return [...edges.filter(({ certain }) => certain), ...edges.filter(({ certain }) => !certain)];
}

/** The way to a goal, where it is known of each by which edge it was reached; empty where it was not. */
export function walkBack(cameBy: ReadonlyMap<string, ReachEdge>, goal: string): readonly ReachEdge[] {
  const path: ReachEdge[] = [];
  for (let edge = cameBy.get(goal); edge !== undefined; edge = cameBy.get(nodeKey(edge.from))) path.unshift(edge);
  return path;
}

/**
 * Ways from outside to some ports of a workload, where another port of it may be nearer. A way that leads through the
 * workload itself is none: who has come that far is there already.
 */
export class WaysToPorts {
  readonly #cameBy: ReadonlyMap<string, ReachEdge>;
  readonly #crossings: Crossings;
  readonly #rank: ReadonlyMap<string, number>;
  readonly #nearest = new Map<readonly Member[], readonly Member[]>();

  /** `cameBy`: by which edge each is first reached from outside, in the order in which they were. */
  constructor(cameBy: ReadonlyMap<string, ReachEdge>, crossings: Crossings) {
    this.#cameBy = cameBy;
    this.#crossings = crossings;
    this.#rank = new Map([...cameBy.keys()].map((key, index) => [key, index]));
  }

  /** The shortest; `direct` are the edges to the workload that no network gives. */
  to(key: string, direct: readonly ReachEdge[], ports: readonly number[]): readonly ReachEdge[] {
    const usual = walkBack(this.#cameBy, key);
    const last = usual.at(-1);
    if (last === undefined || leadsTo(last, ports)) return usual;
    let shortest: readonly ReachEdge[] = [];
    for (const edge of [...sureFirst(direct), ...this.#crossed(key)]) {
      if (!leadsTo(edge, ports)) continue;
      const before = this.#before(edge, key);
      if (before === undefined || (shortest.length > 0 && before.length + 1 >= shortest.length)) continue;
      shortest = [...before, edge];
    }
    return shortest;
  }

  /** The way to where an edge begins; undefined where none is known but through the workload itself. */
  #before({ from, through }: ReachEdge, key: string): readonly ReachEdge[] | undefined {
    if (from.kind === "outside") return [];
    const before = walkBack(this.#cameBy, nodeKey(from));
    if (before.length === 0) return undefined;
    // Somebody made the route for visitors: how they come to its proxy otherwise is not looked for any further.
    return through === "route" || !passes(before, key) ? before : undefined;
  }

  /** From the nearest of each crossing's members. */
  *#crossed(key: string): Generator<ReachEdge> {
    for (const { crossing, member } of this.#crossings.accepting(key)) {
      const opener = this.#nearestOf(crossing).find(
        (each) =>
          each.key !== key &&
          crossing.notFrom?.has(each.key) !== true &&
          !passes(walkBack(this.#cameBy, each.key), key),
      );
      if (opener !== undefined) yield crossingEdge(crossing, opener, member);
    }
  }

  /** Those of its members that are reached from outside, as they were; sorted once for all that share the list. */
  #nearestOf({ from }: Crossing): readonly Member[] {
    const known = this.#nearest.get(from);
    if (known !== undefined) return known;
    const rank = ({ key }: Member) => this.#rank.get(key) ?? 0;
    const nearest = from.filter(({ key }) => this.#rank.has(key)).sort((a, b) => rank(a) - rank(b));
    this.#nearest.set(from, nearest);
    return nearest;
  }
}

function passes(path: readonly ReachEdge[], key: string): boolean {
  return path.some(({ to }) => nodeKey(to) === key);
}
