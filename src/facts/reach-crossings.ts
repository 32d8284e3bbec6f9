import { append } from "../lib/append.ts";
import type { Place } from "../lib/place.ts";
import { knownValue } from "./fact.ts";
import type { ReachEdge } from "./reach-edge.ts";
import { type Network, type NetworkFlow, type Protocol, type Ref, refKey } from "./subjects.ts";
import type { System } from "./system.ts";

/** A workload on one side of a crossing. */
export interface Member {
  readonly key: string;
  readonly ref: Ref<"workload">;
  /** Where it is told to be there. */
  readonly place: Place;
}

/** Leave to connect over a network: each of `from` to each of `to`. Kept as two lists, not as their product. */
export interface Crossing {
  readonly from: readonly Member[];
  readonly to: readonly Member[];
  /** Keys of those of `from`, and of `to`, that it leaves out. */
  readonly notFrom?: ReadonlySet<string>;
  readonly notTo?: ReadonlySet<string>;
  readonly port: number | "any";
  readonly protocol: Protocol | "any";
  readonly allowedBy: string;
  /** Of the rule; undefined where the membership of the other side is the reason. */
  readonly place: Place | undefined;
  readonly certain: boolean;
}

/** The crossings that one workload stands in. */
export interface Side {
  readonly crossing: Crossing;
  readonly member: Member;
}

/** What the networks of a system let through, and who may be reached by members that are not described. */
export class Crossings {
  readonly all: readonly Crossing[];
  readonly #opens: SideIndex;
  readonly #accepts: SideIndex;
  readonly #hidden = new Map<string, string>();

  constructor(system: System) {
    const networks = system.all("network");
    const members = networks.length === 0 ? new Map<string, Member[]>() : membersByNetwork(system);
    const lists = new FlowLists();
    this.all = networks.flatMap((network) => crossingsOf(network, members.get(refKey(network.ref)) ?? [], lists));
    this.#opens = new SideIndex(this.all, ({ from }) => from);
    this.#accepts = new SideIndex(this.all, ({ to }) => to);
    for (const { hidden } of networks) {
      for (const ref of hidden?.reach ?? []) this.#hidden.set(refKey(ref), hidden?.why ?? "");
    }
  }

  /**
   * Where a workload may open connections. Lists of which every crossing was told are put into `told`, and are left out
   * where they are in it.
   */
  openedBy(key: string, told?: Set<readonly Member[]>): Iterable<Side> {
    return this.#opens.of(key, ({ notFrom }) => notFrom, told);
  }

  /** Where it may be reached. */
  accepting(key: string): Iterable<Side> {
    return this.#accepts.of(key, ({ notTo }) => notTo);
  }

  /** Why workloads that are not described may reach it; undefined when none is known to. */
  hiddenNeighbours(key: string): string | undefined {
    return this.#hidden.get(key);
  }
}

/** Crossings by who stands on one side. Many share one list of members, which is gone through once. */
class SideIndex {
  readonly #crossings = new Map<readonly Member[], Crossing[]>();
  readonly #lists = new Map<string, { readonly list: readonly Member[]; readonly member: Member }[]>();

  constructor(all: readonly Crossing[], side: (crossing: Crossing) => readonly Member[]) {
    for (const crossing of all) append(this.#crossings, side(crossing), crossing);
    for (const list of this.#crossings.keys()) {
      for (const member of list) append(this.#lists, member.key, { list, member });
    }
  }

  *of(
    key: string,
    without: (crossing: Crossing) => ReadonlySet<string> | undefined,
    told?: Set<readonly Member[]>,
  ): Generator<Side> {
    for (const { list, member } of this.#lists.get(key) ?? []) {
      if (told?.has(list) === true) continue;
      let all = true;
      for (const crossing of this.#crossings.get(list) ?? []) {
        if (without(crossing)?.has(key) !== true) yield { crossing, member };
        else all = false;
      }
      if (all) told?.add(list);
    }
  }
}

/** Those whom a crossing lets open connections. */
export function openers({ from, notFrom }: Crossing): readonly Member[] {
  return notFrom === undefined ? from : from.filter(({ key }) => !notFrom.has(key));
}

/** Those whom it lets be reached. */
export function reached({ to, notTo }: Crossing): readonly Member[] {
  return notTo === undefined ? to : to.filter(({ key }) => !notTo.has(key));
}

/** The edge between two members of a crossing. */
export function crossingEdge(crossing: Crossing, from: Member, to: Member): ReachEdge {
  return {
    from: { kind: "workload", ref: from.ref },
    to: { kind: "workload", ref: to.ref },
    port: crossing.port,
    protocol: crossing.protocol,
    through: "network",
    allowedBy: crossing.allowedBy,
    place: crossing.place ?? to.place,
    certain: crossing.certain,
  };
}

function crossingsOf(network: Network, members: readonly Member[], lists: FlowLists): readonly Crossing[] {
  if (knownValue(network.memberTraffic) === false) return [];
  if (network.flows !== undefined) return flowCrossings(network.flows, lists);
  const allowedBy = `both are on the network ${network.ref.name}`;
  return [{ from: members, to: members, port: "any", protocol: "any", allowedBy, place: undefined, certain: true }];
}

/** Flows share their lists, those of other networks too, and so do the crossings. */
class FlowLists {
  readonly #members = new Map<readonly Ref<"workload">[], readonly Member[]>();
  readonly #keys = new Map<readonly Ref<"workload">[], ReadonlySet<string>>();

  membersOf(refs: readonly Ref<"workload">[], place: Place): readonly Member[] {
    const known = this.#members.get(refs) ?? refs.map((ref) => ({ key: refKey(ref), ref, place }));
    this.#members.set(refs, known);
    return known;
  }

  keysOf(refs: readonly Ref<"workload">[]): ReadonlySet<string> {
    const known = this.#keys.get(refs) ?? new Set(refs.map(refKey));
    this.#keys.set(refs, known);
    return known;
  }
}

function flowCrossings(flows: readonly NetworkFlow[], lists: FlowLists): readonly Crossing[] {
  return flows.map(({ from, to, notFrom, notTo, place, ...rest }) => ({
    ...rest,
    from: lists.membersOf(from, place),
    to: lists.membersOf(to, place),
    ...(notFrom && { notFrom: lists.keysOf(notFrom) }),
    ...(notTo && { notTo: lists.keysOf(notTo) }),
    place,
  }));
}

function membersByNetwork(system: System): ReadonlyMap<string, readonly Member[]> {
  const members = new Map<string, Member[]>();
  for (const workload of system.all("workload")) {
    for (const { network, place } of workload.attachments.items) {
      append(members, refKey(network), { key: refKey(workload.ref), ref: workload.ref, place });
    }
  }
  return members;
}
