import type { NetworkFlow, Ref } from "../../../../facts/subjects.ts";
import { append } from "../../../../lib/append.ts";
import type { Place } from "../../../../lib/place.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { and } from "../labels.ts";
import { PodIndex } from "../pod-index.ts";
import type { Policies, Side, Taking } from "./isolation.ts";
import { type Meets, MeetsMaker, mayMeet, type Part, sizeOf } from "./meets.ts";
import { names, type Peer } from "./policy.ts";

/** Pods that the same policies take, so that the same peers may reach them, or be reached by them. */
interface PolicyClass {
  readonly pods: readonly ClusterPod[];
  readonly members: ReadonlySet<ClusterPod>;
  /** Whom they may meet; `everybody` where nothing narrows it. */
  readonly meets: Meets | "everybody";
  /** The names of the policies that let it; undefined where classes were put together that others let. */
  readonly by: readonly string[] | undefined;
  readonly place: Place | undefined;
  readonly port: number | "any";
  readonly certain: boolean;
  /** Which of its pods others let in, worked out once for all that let the same in. */
  readonly admitted: Map<Meets, Members>;
}

/**
 * From so many pairs of classes on, those that may meet the same pods are put together, and are not told apart by the
 * policies that let them out: a thousand policies that let everything out, and a thousand that let everything in, would
 * be a million flows.
 */
const manyPairs = 250_000;

/**
 * Who may open connections to whom in a cluster. A connection needs leave on both sides: of the policies that take where
 * it comes from, and of those that take where it goes. Pods are put together by the policies that take them, so that a
 * thousand pods without any make one flow, and not a million. What is in doubt is taken for allowed, and is not certain.
 */
export function clusterFlows(
  pods: readonly ClusterPod[],
  onNodes: readonly ClusterPod[],
  policies: Policies,
  place: Place,
): readonly NetworkFlow[] {
  const index = new PodIndex(pods);
  const meets = new MeetsMaker(index, onNodes);
  const targets = classesOf(index, "ingress", policies, meets);
  const sources = puttingTogether([...classesOf(index, "egress", policies, meets), ...unpoliced(onNodes)], targets);
  const meetings = new Meetings(targets);
  const flows: NetworkFlow[] = [];
  for (const source of sources) {
    for (const target of meetings.of(source)) {
      const from = within(source, target);
      const to = isEmpty(from) ? from : within(target, source);
      if (isEmpty(from) || isEmpty(to)) continue;
      if (from.pods.length === 1 && to.pods.length === 1 && from.pods[0] === to.pods[0]) continue;
      flows.push(flowOf(from, to, source, target, place));
    }
  }
  return flows;
}

function puttingTogether(sources: readonly PolicyClass[], targets: readonly PolicyClass[]): readonly PolicyClass[] {
  if (sources.length * targets.length < manyPairs) return sources;
  const alike = new Map<unknown, Map<string, PolicyClass[]>>();
  for (const source of sources) {
    const ofMeets = alike.get(source.meets) ?? new Map<string, PolicyClass[]>();
    alike.set(source.meets, ofMeets);
    append(ofMeets, `${source.port} ${source.certain}`, source);
  }
  return [...alike.values()].flatMap((each) => [...each.values()].flatMap(together));
}

function together(sources: readonly PolicyClass[]): readonly PolicyClass[] {
  const [first] = sources;
  if (first === undefined || sources.length === 1) return sources;
  const pods = sources.flatMap((source) => source.pods);
  const names = new Set(sources.map(({ by }) => by?.join("\n")));
  const by = names.size === 1 ? first.by : undefined;
  return [{ ...first, pods, members: new Set(pods), by, admitted: new Map() }];
}

/** Which targets may be open to a source: found by the pods that one of both names, and not by going through all. */
class Meetings {
  readonly #targets: readonly PolicyClass[];
  readonly #ranks: ReadonlyMap<PolicyClass, number>;
  readonly #holding = new Map<ClusterPod, PolicyClass>();
  readonly #inNamespace = new Map<string, Set<PolicyClass>>();
  /** Those that let everybody in, a namespace, or pods that they pick out. */
  readonly #open: PolicyClass[] = [];
  readonly #openToNamespace = new Map<string, PolicyClass[]>();
  readonly #openToPod = new Map<ClusterPod, PolicyClass[]>();

  constructor(targets: readonly PolicyClass[]) {
    this.#targets = targets;
    this.#ranks = new Map(targets.map((target, rank) => [target, rank] as const));
    for (const target of targets) {
      for (const pod of target.pods) {
        this.#holding.set(pod, target);
        const known = this.#inNamespace.get(pod.namespace) ?? new Set();
        this.#inNamespace.set(pod.namespace, known.add(target));
      }
      this.#admit(target);
    }
  }

  #admit(target: PolicyClass): void {
    if (target.meets === "everybody") this.#open.push(target);
    else
      for (const { pods, of } of target.meets.parts) {
        if (of === "every") this.#open.push(target);
        else if (of !== undefined) append(this.#openToNamespace, of.namespace, target);
        else for (const pod of pods) append(this.#openToPod, pod, target);
      }
  }

  /** Every target to which a source may connect is among them, in their own order. */
  of(source: PolicyClass): readonly PolicyClass[] {
    const leave = this.#whoLetIn(source);
    const wanted = this.#wanted(source);
    const lists = wanted !== undefined && sum(wanted) < sum(leave) ? wanted : leave;
    const found = new Set<PolicyClass>();
    for (const list of lists) for (const target of list) found.add(target);
    if (found.size === this.#targets.length) return this.#targets;
    const rank = (target: PolicyClass) => this.#ranks.get(target) ?? 0;
    return [...found].sort((a, b) => rank(a) - rank(b));
  }

  #whoLetIn({ pods }: PolicyClass): Lists {
    const namespaces = new Set(pods.map((pod) => pod.namespace));
    return [
      this.#open,
      ...[...namespaces].map((namespace) => this.#openToNamespace.get(namespace) ?? []),
      ...pods.map((pod) => this.#openToPod.get(pod) ?? []),
    ];
  }

  /** The targets that hold a pod which the source may meet; undefined where it may meet any. */
  #wanted({ meets }: PolicyClass): Lists | undefined {
    if (meets === "everybody" || meets.parts.some(({ of }) => of === "every")) return undefined;
    return meets.parts.map(({ pods, of }) =>
      of !== undefined && of !== "every"
        ? [...(this.#inNamespace.get(of.namespace) ?? [])]
        : [...pods].flatMap((pod) => this.#holding.get(pod) ?? []),
    );
  }
}

type Lists = readonly (readonly PolicyClass[])[];

function sum(lists: Lists): number {
  return lists.reduce((count, list) => count + list.length, 0);
}

/** Pods of a class: all of `pods` but `not`. */
interface Members {
  readonly pods: readonly ClusterPod[];
  readonly not: readonly ClusterPod[];
}

function isEmpty({ pods, not }: Members): boolean {
  return pods.length === not.length;
}

/** The pods of one class that the other lets in. */
function within(own: PolicyClass, { meets }: PolicyClass): Members {
  if (meets === "everybody") return { pods: own.pods, not: [] };
  const known = own.admitted.get(meets) ?? admittedOf(own, meets);
  own.admitted.set(meets, known);
  return known;
}

/** They are told by who is left out, where that is the shorter list. */
function admittedOf(own: PolicyClass, meets: Meets): Members {
  if (sizeOf(meets) * 2 < own.pods.length) {
    const found = meets.parts.flatMap(({ pods }) => [...pods]).filter((pod) => !meets.denied.has(pod));
    return { pods: [...new Set(found)].filter((pod) => own.members.has(pod)), not: [] };
  }
  const not = own.pods.filter((pod) => !mayMeet(meets, pod));
  if (not.length * 2 < own.pods.length) return { pods: own.pods, not };
  return { pods: own.pods.filter((pod) => mayMeet(meets, pod)), not: [] };
}

const refLists = new WeakMap<readonly ClusterPod[], readonly Ref<"workload">[]>();

/** Lists of pods that are the same give the same list of refs, so that flows share them. */
function refsOf(pods: readonly ClusterPod[]): readonly Ref<"workload">[] {
  const known = refLists.get(pods) ?? pods.map((pod) => pod.ref);
  refLists.set(pods, known);
  return known;
}

function flowOf(from: Members, to: Members, source: PolicyClass, target: PolicyClass, place: Place): NetworkFlow {
  return {
    from: refsOf(from.pods),
    ...(from.not.length > 0 && { notFrom: refsOf(from.not) }),
    to: refsOf(to.pods),
    ...(to.not.length > 0 && { notTo: refsOf(to.not) }),
    port: target.port === "any" ? source.port : target.port,
    protocol: "any",
    allowedBy: letBy(target.by ?? [], source.by),
    place: target.place ?? source.place ?? place,
    certain: source.certain && target.certain,
  };
}

function letBy(byTarget: readonly string[], bySource: readonly string[] | undefined): string {
  if (bySource === undefined) {
    const [first] = byTarget;
    const others = "the network policies of where it comes from";
    return first === undefined ? `${others} let it` : `${first} and ${others} let it`;
  }
  const policies = [...new Set([...byTarget, ...bySource])];
  const [first, second] = policies;
  if (first === undefined) return "no network policy keeps the pods of the cluster from one another";
  if (second === undefined) return `${first} lets it`;
  return policies.length === 2 ? `${first} and ${second} let it` : `${first} and ${policies.length - 1} more let it`;
}

function unpoliced(pods: readonly ClusterPod[]): readonly PolicyClass[] {
  if (pods.length === 0) return [];
  return [{ ...free, pods, members: new Set(pods), admitted: new Map() }];
}

const free = { meets: "everybody", by: [], place: undefined, port: "any", certain: true } as const;

/** What the classes of one side are worked out with. */
interface Surroundings {
  readonly index: PodIndex;
  readonly policies: Policies;
  readonly meets: MeetsMaker;
  /** Whom the same policies deny, worked out once. */
  readonly denied: Map<string, ReadonlySet<ClusterPod>>;
  readonly numbers: ReadonlyMap<unknown, number>;
}

function classesOf(index: PodIndex, side: Side, policies: Policies, meets: MeetsMaker): readonly PolicyClass[] {
  const byTaking = new Map<string, { takings: readonly Taking[]; pods: ClusterPod[] }>();
  const numbers = new Map(policies.all.map((policy, number) => [policy, number] as const));
  for (const pod of index.all) {
    const takings = policies.taking(pod, side);
    const key = takings.map(({ policy, takes }) => `${numbers.get(policy)}${takes === "yes" ? "" : "?"}`).join(" ");
    const known = byTaking.get(key);
    if (known === undefined) byTaking.set(key, { takings, pods: [pod] });
    else known.pods.push(pod);
  }
  const surroundings = { index, policies, meets, denied: new Map(), numbers };
  return [...byTaking.values()].map((each) => classOf(each.takings, each.pods, surroundings));
}

function classOf(takings: readonly Taking[], pods: readonly ClusterPod[], surroundings: Surroundings): PolicyClass {
  const { policies, meets } = surroundings;
  const own = { pods, members: new Set(pods), admitted: new Map() };
  const counting = countingTakings(takings);
  const isolated =
    policies.always !== undefined || counting.some((each) => and(each.takes, each.direction.isolates) === "yes");
  const inDoubt = counting.some((each) => typeof and(each.takes, each.direction.isolates) !== "string");
  const denied = deniedPods(counting, surroundings);
  const certain = !inDoubt && policies.doubt === undefined;
  if (!isolated) {
    const met = denied.size === 0 ? "everybody" : meets.make([meets.anybody], denied);
    return { ...free, ...own, meets: met, certain };
  }
  const parts: Part[] = [];
  let sure = certain;
  const letting = new Set<string>();
  const ports = new Set<number | "any">();
  for (const { policy, direction } of counting) {
    for (const peer of direction.allow) {
      const found = letsNothingThrough(peer) ? undefined : letIn(peer, denied, surroundings);
      if (found === undefined) continue;
      parts.push(found.part);
      if (!found.sure) sure = false;
      letting.add(policy.name);
      ports.add(onlyPort(peer));
    }
  }
  const [port = "any"] = ports.size === 1 ? ports : [];
  const place = counting.find(({ policy }) => letting.has(policy.name))?.direction.place;
  return { ...own, meets: meets.make(parts, denied), by: [...letting], place, port, certain: sure };
}

/** The pods that a peer names and nobody denies; undefined for none. */
function letIn(
  peer: Peer,
  denied: ReadonlySet<ClusterPod>,
  { index, meets }: Surroundings,
): { readonly part: Part; readonly sure: boolean } | undefined {
  if (peer.same !== undefined) {
    const any = peer.same !== "no" && index.in(peer.within).some((pod) => !denied.has(pod));
    return any ? { part: meets.whole(peer.within), sure: peer.same === "yes" } : undefined;
  }
  const pods = new Set<ClusterPod>();
  let sure = true;
  for (const pod of index.candidates(peer.within, peer.needs ?? {})) {
    const answer = denied.has(pod) ? "no" : names(peer, pod);
    if (answer === "no") continue;
    if (answer !== "yes") sure = false;
    pods.add(pod);
  }
  return pods.size === 0 ? undefined : { part: { pods, of: undefined }, sure };
}

/** A baseline counts only where nothing else isolates. */
function countingTakings(takings: readonly Taking[]): readonly Taking[] {
  const normal = takings.filter(({ policy }) => policy.tier === "normal");
  const isolated = normal.some((each) => and(each.takes, each.direction.isolates) === "yes");
  return isolated ? normal : takings;
}

/** Pods that a denial names for certain, on every port. */
function deniedPods(takings: readonly Taking[], { index, denied, numbers }: Surroundings): ReadonlySet<ClusterPod> {
  const denying = takings.filter(({ direction, takes }) => takes === "yes" && direction.deny.length > 0);
  const key = denying.map(({ policy }) => numbers.get(policy)).join(" ");
  const known = denied.get(key);
  if (known !== undefined) return known;
  const found = new Set<ClusterPod>();
  for (const { direction } of denying) {
    for (const peer of direction.deny) {
      if (!peer.ports.every || peer.same === "no") continue;
      for (const pod of index.candidates(peer.within, peer.needs ?? {})) if (names(peer, pod) === "yes") found.add(pod);
    }
  }
  denied.set(key, found);
  return found;
}

/** A rule about ICMP alone. */
function letsNothingThrough({ ports }: Peer): boolean {
  return !ports.every && ports.ranges.length === 0 && ports.doubt === undefined;
}

function onlyPort({ ports }: Peer): number | "any" {
  const [first, ...others] = ports.ranges;
  const single =
    first !== undefined && others.every((range) => range.first === first.first && range.last === first.last);
  return !ports.every && ports.doubt === undefined && single && first.first === first.last ? first.first : "any";
}
