import type { NetworkFlow, Ref } from "../../../../facts/subjects.ts";
import type { Place } from "../../../../lib/place.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { and } from "../labels.ts";
import type { Policies, Side, Taking } from "./isolation.ts";
import { names, type Peer } from "./policy.ts";

/** Pods that the same policies take, so that the same peers may reach them, or be reached by them. */
interface PolicyClass {
  readonly pods: readonly ClusterPod[];
  readonly members: ReadonlySet<ClusterPod>;
  /** Whom they may meet; `everybody` where nothing narrows it. */
  readonly meets: ReadonlySet<ClusterPod> | "everybody";
  /** The names of the policies that let it. */
  readonly by: readonly string[];
  readonly place: Place | undefined;
  readonly port: number | "any";
  readonly certain: boolean;
}

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
  const sources = [...classesOf(pods, "egress", policies), ...unpoliced(onNodes)];
  const targets = classesOf(pods, "ingress", policies);
  const flows: NetworkFlow[] = [];
  for (const source of sources) {
    for (const target of targets) {
      const from = within(source, target);
      const to = isEmpty(from) ? from : within(target, source);
      if (isEmpty(from) || isEmpty(to)) continue;
      if (from.pods.length === 1 && to.pods.length === 1 && from.pods[0] === to.pods[0]) continue;
      flows.push(flowOf(from, to, source, target, place));
    }
  }
  return flows;
}

/** Pods of a class: all of `pods` but `not`. */
interface Part {
  readonly pods: readonly ClusterPod[];
  readonly not: readonly ClusterPod[];
}

function isEmpty({ pods, not }: Part): boolean {
  return pods.length === not.length;
}

/** The pods of one class that the other lets in: told by who is left out, where that is the shorter list. */
function within(own: PolicyClass, other: PolicyClass): Part {
  const { meets } = other;
  if (meets === "everybody") return { pods: own.pods, not: [] };
  if (meets.size * 2 < own.pods.length) return { pods: [...meets].filter((pod) => own.members.has(pod)), not: [] };
  const not = own.pods.filter((pod) => !meets.has(pod));
  if (not.length * 2 < own.pods.length) return { pods: own.pods, not };
  return { pods: own.pods.filter((pod) => meets.has(pod)), not: [] };
}

const refLists = new WeakMap<readonly ClusterPod[], readonly Ref<"workload">[]>();

/** Lists of pods that are the same give the same list of refs, so that flows share them. */
function refsOf(pods: readonly ClusterPod[]): readonly Ref<"workload">[] {
  const known = refLists.get(pods) ?? pods.map((pod) => pod.ref);
  refLists.set(pods, known);
  return known;
}

function flowOf(from: Part, to: Part, source: PolicyClass, target: PolicyClass, place: Place): NetworkFlow {
  const by = [...new Set([...target.by, ...source.by])];
  return {
    from: refsOf(from.pods),
    ...(from.not.length > 0 && { notFrom: refsOf(from.not) }),
    to: refsOf(to.pods),
    ...(to.not.length > 0 && { notTo: refsOf(to.not) }),
    port: target.port === "any" ? source.port : target.port,
    protocol: "any",
    allowedBy: letBy(by),
    place: target.place ?? source.place ?? place,
    certain: source.certain && target.certain,
  };
}

function letBy(policies: readonly string[]): string {
  const [first, second] = policies;
  if (first === undefined) return "no network policy keeps the pods of the cluster from one another";
  if (second === undefined) return `${first} lets it`;
  return policies.length === 2 ? `${first} and ${second} let it` : `${first} and ${policies.length - 1} more let it`;
}

function unpoliced(pods: readonly ClusterPod[]): readonly PolicyClass[] {
  if (pods.length === 0) return [];
  return [{ ...free, pods, members: new Set(pods) }];
}

const free = { meets: "everybody", by: [], place: undefined, port: "any", certain: true } as const;

function classesOf(pods: readonly ClusterPod[], side: Side, policies: Policies): readonly PolicyClass[] {
  const byTaking = new Map<string, { takings: readonly Taking[]; pods: ClusterPod[] }>();
  const numbers = new Map(policies.all.map((policy, index) => [policy, index] as const));
  for (const pod of pods) {
    const takings = policies.taking(pod, side);
    const key = takings.map(({ policy, takes }) => `${numbers.get(policy)}${takes === "yes" ? "" : "?"}`).join(" ");
    const known = byTaking.get(key);
    if (known === undefined) byTaking.set(key, { takings, pods: [pod] });
    else known.pods.push(pod);
  }
  const candidates = byNamespace(pods);
  return [...byTaking.values()].map((each) => classOf(each.takings, each.pods, pods, candidates, policies));
}

function byNamespace(pods: readonly ClusterPod[]): ReadonlyMap<string, readonly ClusterPod[]> {
  return Map.groupBy(pods, (pod) => pod.namespace);
}

function classOf(
  takings: readonly Taking[],
  pods: readonly ClusterPod[],
  all: readonly ClusterPod[],
  candidates: ReadonlyMap<string, readonly ClusterPod[]>,
  policies: Policies,
): PolicyClass {
  const members = new Set(pods);
  const counting = countingTakings(takings);
  const isolated =
    policies.always !== undefined || counting.some((each) => and(each.takes, each.direction.isolates) === "yes");
  const inDoubt = counting.some((each) => typeof and(each.takes, each.direction.isolates) !== "string");
  const denied = deniedPods(counting, all, candidates);
  const certain = !inDoubt && policies.doubt === undefined;
  if (!isolated) {
    const meets = denied.size === 0 ? "everybody" : new Set(all.filter((pod) => !denied.has(pod)));
    return { ...free, pods, members, meets, certain };
  }
  const meets = new Set<ClusterPod>();
  let sure = certain;
  const letting = new Set<string>();
  const ports = new Set<number | "any">();
  for (const { policy, direction } of counting) {
    for (const peer of direction.allow) {
      if (letsNothingThrough(peer)) continue;
      let any = false;
      for (const pod of peer.within === undefined ? all : (candidates.get(peer.within) ?? [])) {
        const answer = denied.has(pod) ? "no" : names(peer, pod);
        if (answer === "no") continue;
        if (answer !== "yes") sure = false;
        any = true;
        meets.add(pod);
      }
      if (!any) continue;
      letting.add(policy.name);
      ports.add(onlyPort(peer));
    }
  }
  const [port = "any"] = ports.size === 1 ? ports : [];
  const place = counting.find(({ policy }) => letting.has(policy.name))?.direction.place;
  return { pods, members, meets, by: [...letting], place, port, certain: sure };
}

/** A baseline counts only where nothing else isolates. */
function countingTakings(takings: readonly Taking[]): readonly Taking[] {
  const normal = takings.filter(({ policy }) => policy.tier === "normal");
  const isolated = normal.some((each) => and(each.takes, each.direction.isolates) === "yes");
  return isolated ? normal : takings;
}

/** Pods that a denial names for certain, on every port. */
function deniedPods(
  takings: readonly Taking[],
  all: readonly ClusterPod[],
  candidates: ReadonlyMap<string, readonly ClusterPod[]>,
): ReadonlySet<ClusterPod> {
  const denied = new Set<ClusterPod>();
  for (const { direction, takes } of takings) {
    if (takes !== "yes") continue;
    for (const peer of direction.deny) {
      if (!peer.ports.every) continue;
      for (const pod of podsOf(peer, all, candidates)) if (names(peer, pod) === "yes") denied.add(pod);
    }
  }
  return denied;
}

function podsOf(
  peer: Peer,
  all: readonly ClusterPod[],
  candidates: ReadonlyMap<string, readonly ClusterPod[]>,
): readonly ClusterPod[] {
  const pods = peer.within === undefined ? all : (candidates.get(peer.within) ?? []);
  return pods.filter((pod) => names(peer, pod) !== "no");
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
