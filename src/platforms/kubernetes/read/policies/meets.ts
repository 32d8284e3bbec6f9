import type { ClusterPod } from "../cluster-pods.ts";
import type { PodIndex } from "../pod-index.ts";

/** Pods that a rule names together. */
export interface Part {
  readonly pods: ReadonlySet<ClusterPod>;
  /** The namespace whose pods it is, `every` for all that there are; undefined for some that are picked out. */
  readonly of: { readonly namespace: string } | "every" | undefined;
}

/** Whom some pods may meet: the parts without those that are denied. Classes that may meet the same share one. */
export interface Meets {
  readonly parts: readonly Part[];
  readonly denied: ReadonlySet<ClusterPod>;
}

export function mayMeet({ parts, denied }: Meets, pod: ClusterPod): boolean {
  return !denied.has(pod) && parts.some(({ pods }) => pods.has(pod));
}

/** At most how many pods it comes to. */
export function sizeOf({ parts }: Meets): number {
  return parts.reduce((sum, { pods }) => sum + pods.size, 0);
}

/** Longer lists that are picked out pod by pod are not compared with one another. */
const mostCompared = 50;

/**
 * Makes one list of pods of all that are the same: where each of thousands of policies lets a namespace in, its pods are
 * not written down for each.
 */
export class MeetsMaker {
  /** Every pod, and what runs on a node's own network, which no rule about pods names. */
  readonly anybody: Part;
  readonly #index: PodIndex;
  readonly #numbers = new Map<unknown, number>();
  readonly #wholes = new Map<string | undefined, Part>();
  readonly #made = new Map<string, Meets>();

  constructor(index: PodIndex, onNodes: readonly ClusterPod[]) {
    this.#index = index;
    this.anybody = { pods: new Set([...index.all, ...onNodes]), of: "every" };
  }

  /** Every pod of a namespace, or every one. */
  whole(namespace: string | undefined): Part {
    const known = this.#wholes.get(namespace) ?? {
      pods: new Set(this.#index.in(namespace)),
      of: namespace === undefined ? ("every" as const) : { namespace },
    };
    this.#wholes.set(namespace, known);
    return known;
  }

  /** Parts that are named more than once count once, and none beside every pod. */
  make(parts: readonly Part[], denied: ReadonlySet<ClusterPod>): Meets {
    const every = parts.find((part) => part.of === "every");
    const found = every === undefined ? parts.filter(({ pods }) => pods.size > 0) : [every];
    const key = `${this.#number(denied)} ${[...new Set(found.map((part) => this.#keyOf(part)))].join(" ")}`;
    const known = this.#made.get(key) ?? { parts: [...new Set(found)], denied };
    this.#made.set(key, known);
    return known;
  }

  #keyOf(part: Part): string {
    const { pods, of } = part;
    if (of !== undefined || pods.size > mostCompared) return `part ${this.#number(part)}`;
    return [...pods].map((pod) => this.#number(pod)).join(",");
  }

  #number(thing: unknown): number {
    const known = this.#numbers.get(thing) ?? this.#numbers.size;
    this.#numbers.set(thing, known);
    return known;
  }
}
