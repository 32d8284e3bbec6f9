import { append } from "../../../lib/append.ts";
import type { ClusterPod } from "./cluster-pods.ts";
import type { Requirement, Selector } from "./labels.ts";

export type NeededLabel = Pick<Requirement, "key" | "values">;

/** What a pod must have for a group to take it, as far as an index tells: the rest is asked of each that has it. */
export interface Needs {
  /** It lies in one of these; undefined where it may lie in any. */
  readonly namespaces?: readonly string[] | undefined;
  /** Each of these labels of it has one of the values. */
  readonly labels?: readonly NeededLabel[];
}

/** The labels that a selector asks for by their values. */
export function neededLabels(
  { requirements }: Selector,
  isLabel: (key: string) => boolean = () => true,
): readonly NeededLabel[] {
  return requirements.filter(({ key, operator }) => operator === "In" && isLabel(key));
}

/** The values that a selector leaves for a key; undefined where it says nothing of it. */
export function neededValues({ requirements }: Selector, key: string): readonly string[] | undefined {
  return requirements.find((each) => each.key === key && each.operator === "In")?.values;
}

type ByLabel = Map<string, Map<string, ClusterPod[]>>;

/** Pods by namespace and label, so that what selects pods is compared with few of them. */
export class PodIndex {
  readonly all: readonly ClusterPod[];
  readonly #byNamespace: ReadonlyMap<string, readonly ClusterPod[]>;
  readonly #ranks: ReadonlyMap<ClusterPod, number>;
  readonly #labels = new Map<string | undefined, ByLabel>();
  readonly #unclear = new Map<string | undefined, readonly ClusterPod[]>();

  constructor(pods: readonly ClusterPod[]) {
    this.all = pods;
    this.#byNamespace = Map.groupBy(pods, (pod) => pod.namespace);
    this.#ranks = new Map(pods.map((pod, rank) => [pod, rank] as const));
  }

  /** The pods of one namespace; of all where none is named. */
  in(namespace: string | undefined): readonly ClusterPod[] {
    return namespace === undefined ? this.all : (this.#byNamespace.get(namespace) ?? []);
  }

  /** Those that may have what is needed, in their own order: all that have it for certain are among them. */
  candidates(namespace: string | undefined, { namespaces, labels = [] }: Needs): readonly ClusterPod[] {
    if (namespaces === undefined) return this.#labelled(namespace, labels);
    const lists = namespaces.flatMap((each) =>
      namespace === undefined || namespace === each ? [this.#labelled(each, labels)] : [],
    );
    return this.#together(lists);
  }

  #labelled(namespace: string | undefined, labels: readonly NeededLabel[]): readonly ClusterPod[] {
    if (labels.length === 0) return this.in(namespace);
    const byLabel = this.#labelsIn(namespace);
    let fewest: readonly (readonly ClusterPod[])[] = [];
    let count = Number.POSITIVE_INFINITY;
    for (const { key, values } of labels) {
      const lists = values.map((value) => byLabel.get(key)?.get(value) ?? []);
      const size = lists.reduce((sum, list) => sum + list.length, 0);
      if (size < count) [fewest, count] = [lists, size];
    }
    return this.#together([...fewest, this.#unclearIn(namespace)]);
  }

  #together(lists: readonly (readonly ClusterPod[])[]): readonly ClusterPod[] {
    const [first, ...others] = lists.filter((list) => list.length > 0);
    if (first === undefined || others.length === 0) return first ?? [];
    const rank = (pod: ClusterPod) => this.#ranks.get(pod) ?? 0;
    return [...new Set(lists.flat())].sort((a, b) => rank(a) - rank(b));
  }

  #labelsIn(namespace: string | undefined): ByLabel {
    const known = this.#labels.get(namespace) ?? labelsOfAll(this.in(namespace));
    this.#labels.set(namespace, known);
    return known;
  }

  /** Pods that may have labels which are not seen, or values. */
  #unclearIn(namespace: string | undefined): readonly ClusterPod[] {
    const known =
      this.#unclear.get(namespace) ??
      this.in(namespace).filter(({ labels }) => labels.hidden !== undefined || labels.unresolved.size > 0);
    this.#unclear.set(namespace, known);
    return known;
  }
}

function labelsOfAll(pods: readonly ClusterPod[]): ByLabel {
  const byLabel: ByLabel = new Map();
  for (const pod of pods) {
    for (const [key, value] of pod.labels.values) {
      const values = byLabel.get(key) ?? new Map<string, ClusterPod[]>();
      byLabel.set(key, values);
      append(values, value, pod);
    }
  }
  return byLabel;
}
