import type { Ref } from "../../../facts/subjects.ts";
import { append } from "../../../lib/append.ts";
import { type Interface, interfacesOf } from "./attachments.ts";
import { type IncusContext, type InstanceContext, refOf } from "./context.ts";

/** An instance by one of its interfaces. */
export interface Member {
  readonly instance: InstanceContext;
  readonly one: Interface;
}

/** Who is on which network: looked for once, and asked by each network for every other that is routed into it. */
export class Memberships {
  readonly #byNetwork = new Map<string, Member[]>();
  readonly #refs = new Map<string, readonly Ref<"workload">[]>();
  readonly #joined = new Map<readonly Ref<"network">[], Joined>();

  constructor({ instances }: IncusContext) {
    for (const instance of instances) {
      for (const one of interfacesOf(instance).found) append(this.#byNetwork, one.network, { instance, one });
    }
  }

  /** In the order of the instances, each as often as it has interfaces there. */
  on(network: string): readonly Member[] {
    return this.#byNetwork.get(network) ?? [];
  }

  /** The same as references: one list for all who ask, so that flows share it. */
  refsOn(network: string): readonly Ref<"workload">[] {
    const known = this.#refs.get(network) ?? refsOf(this.on(network));
    this.#refs.set(network, known);
    return known;
  }

  /** The same of all of some networks, each once. */
  refsOnAny(networks: readonly Ref<"network">[]): readonly Ref<"workload">[] {
    const [only, second] = networks;
    return only !== undefined && second === undefined ? this.refsOn(only.name) : this.#joinedOf(networks).refs;
  }

  /** Those on one of some networks that are on none of the others; empty for a network that is none of them. */
  onlyOn(network: string, networks: readonly Ref<"network">[]): readonly Ref<"workload">[] {
    const { names, counts } = this.#joinedOf(networks);
    if (!names.has(network)) return [];
    return this.refsOn(network).filter(({ name }) => counts.get(name) === 1);
  }

  #joinedOf(networks: readonly Ref<"network">[]): Joined {
    const known = this.#joined.get(networks);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    const refs: Ref<"workload">[] = [];
    for (const { name } of networks) {
      for (const ref of new Map(this.refsOn(name).map((one) => [one.name, one])).values()) {
        const count = counts.get(ref.name) ?? 0;
        if (count === 0) refs.push(ref);
        counts.set(ref.name, count + 1);
      }
    }
    const made = { names: new Set(networks.map(({ name }) => name)), refs, counts };
    this.#joined.set(networks, made);
    return made;
  }
}

/** The members of several networks, and of how many of them each is one. */
interface Joined {
  readonly names: ReadonlySet<string>;
  readonly refs: readonly Ref<"workload">[];
  readonly counts: ReadonlyMap<string, number>;
}

export function refsOf(members: readonly Member[]): readonly Ref<"workload">[] {
  return members.map(({ instance }) => refOf("workload", instance.system, instance.name));
}
