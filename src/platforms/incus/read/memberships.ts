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
}

export function refsOf(members: readonly Member[]): readonly Ref<"workload">[] {
  return members.map(({ instance }) => refOf("workload", instance.system, instance.name));
}
