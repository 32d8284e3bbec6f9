import { append } from "../../../../lib/append.ts";
import type { Labels } from "../labels.ts";
import type { NeededLabel } from "../pod-index.ts";
import type { Candidate, Policy } from "./policy.ts";

/** The policies of one namespace, or of every one. */
interface Bucket {
  readonly all: Policy[];
  /** Those that ask for no label by its value. */
  readonly rest: Policy[];
  readonly byLabel: Map<string, Map<string, Policy[]>>;
}

/**
 * Policies by the namespace and the label that they ask for, so that a pod is compared with few of them: with those that
 * ask for a label which it has, and with those that ask for none.
 */
export class PolicyIndex {
  readonly #buckets = new Map<string | undefined, Bucket>();
  readonly #ranks = new Map<Policy, number>();

  constructor(all: readonly Policy[]) {
    // Those of a pod's own namespace are told before those of the cluster.
    const ordered = [
      ...all.filter((each) => each.namespace !== undefined),
      ...all.filter((each) => each.namespace === undefined),
    ];
    for (const [rank, policy] of ordered.entries()) {
      this.#ranks.set(policy, rank);
      for (const namespace of namespacesOf(policy)) this.#bucket(namespace).all.push(policy);
    }
    for (const bucket of this.#buckets.values()) sortOut(bucket);
  }

  /** The policies that may take a pod, in the order in which they are told: all that do are among them. */
  candidates(pod: Candidate): readonly Policy[] {
    const buckets = this.#bucketsOf(pod);
    const found = new Set<Policy>();
    for (const { rest, byLabel } of buckets) {
      for (const policy of rest) found.add(policy);
      for (const policy of labelled(byLabel, pod.labels)) found.add(policy);
    }
    const rank = (policy: Policy) => this.#ranks.get(policy) ?? 0;
    return [...found].sort((a, b) => rank(a) - rank(b));
  }

  /** The policies that may be seen to take a pod: not those that ask for a label of which it is not known. */
  sureCandidates(pod: Candidate): readonly Policy[] {
    const { values } = pod.labels;
    return this.candidates({ ...pod, labels: { values, unresolved: new Map(), hidden: undefined } });
  }

  #bucketsOf({ namespace }: Candidate): readonly Bucket[] {
    return [this.#buckets.get(namespace), this.#buckets.get(undefined)].filter((each) => each !== undefined);
  }

  #bucket(namespace: string | undefined): Bucket {
    const known = this.#buckets.get(namespace) ?? { all: [], rest: [], byLabel: new Map() };
    this.#buckets.set(namespace, known);
    return known;
  }
}

/** Puts each policy under the label that it asks for; of several under the one that the fewest policies ask for. */
function sortOut({ all, rest, byLabel }: Bucket): void {
  const asking = new Map<string, Map<string, number>>();
  for (const { needs } of all) {
    for (const { key, values } of needs?.labels ?? []) {
      const counts = asking.get(key) ?? new Map<string, number>();
      asking.set(key, counts);
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const others = ({ key, values }: NeededLabel) =>
    values.reduce((sum, value) => sum + (asking.get(key)?.get(value) ?? 0), 0);
  for (const policy of all) {
    const label = minBy(policy.needs?.labels ?? [], others);
    if (label === undefined) rest.push(policy);
    else {
      const values = byLabel.get(label.key) ?? new Map<string, Policy[]>();
      byLabel.set(label.key, values);
      for (const value of new Set(label.values)) append(values, value, policy);
    }
  }
}

function minBy<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let found: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = measure(item);
    if (size < least) [found, least] = [item, size];
  }
  return found;
}

/** Where the pods lie that a policy may take; undefined for anywhere. */
function namespacesOf({ namespace, needs }: Policy): readonly (string | undefined)[] {
  const named = needs?.namespaces;
  if (named === undefined) return [namespace];
  return [...new Set(named)].filter((each) => namespace === undefined || each === namespace);
}

function* labelled(byLabel: Bucket["byLabel"], { values, unresolved, hidden }: Labels): Generator<Policy> {
  if (hidden === undefined) {
    for (const [key, value] of values) yield* byLabel.get(key)?.get(value) ?? [];
    for (const key of unresolved.keys()) for (const policies of byLabel.get(key)?.values() ?? []) yield* policies;
    return;
  }
  for (const [key, policies] of byLabel) {
    const value = values.get(key);
    if (value !== undefined) yield* policies.get(value) ?? [];
    else for (const each of policies.values()) yield* each;
  }
}
