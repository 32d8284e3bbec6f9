/** What a network policy of any kind comes to: whom it takes, whether it isolates them, and what it lets through. */
import type { Protocol } from "../../../../facts/subjects.ts";
import type { Place } from "../../../../lib/place.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { type Answer, and, type Labels } from "../labels.ts";
import type { Needs } from "../pod-index.ts";

/** Ports that a rule is about. */
export interface Ports {
  /** True for a rule that names none. */
  readonly every: boolean;
  readonly ranges: readonly PortRange[];
  /** Why it may be about more ports than are seen. */
  readonly doubt: string | undefined;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: Protocol | "any";
}

export const everyPort: Ports = { every: true, ranges: [], doubt: undefined };

/** A pod as a policy compares it: what stands for pods that are not seen has no labels that are known. */
export type Candidate = Pick<ClusterPod, "namespace" | "labels" | "serviceAccount">;

/** One group that a rule lets connect, or denies. */
export interface Peer {
  /** In words: `pods with app=web in media`, `10.0.0.0/8`. */
  readonly who: string;
  readonly place: Place;
  /** The one namespace in which its pods lie; undefined where they may lie in any. */
  readonly within: string | undefined;
  /** How wide it is: everybody, everybody outside of the cluster, every pod, fewer, nobody. */
  readonly width: "everybody" | "outside" | "cluster" | "some" | "nobody";
  /** Why it may be wider than that: something in it is not resolved. */
  readonly open?: string | undefined;
  pods(pod: Candidate): Answer;
  /** What pods must have for it to be about them; undefined where nothing is known that all of them have. */
  readonly needs?: Needs | undefined;
  /** The one answer that it gives for every pod, or for every one of the namespace in which they lie. */
  readonly same?: Answer | undefined;
  /** Whether it is about addresses outside of the cluster, or about the nodes. */
  readonly outside: Answer;
  /** True for peers that are found by their name, so that they need DNS. */
  readonly byName: boolean;
  readonly ports: Ports;
}

/** One direction of a policy. */
export interface Direction {
  readonly place: Place;
  /** Whether what it takes is denied everything that no rule allows. */
  readonly isolates: Answer;
  readonly allow: readonly Peer[];
  readonly deny: readonly Peer[];
}

export interface Policy {
  /** `NetworkPolicy media/default-deny`, `CiliumClusterwideNetworkPolicy default-deny`. */
  readonly name: string;
  readonly place: Place;
  /** The namespace whose pods it takes; undefined for one that takes those of any. */
  readonly namespace: string | undefined;
  /** `baseline`: counts only for pods that no other policy isolates. */
  readonly tier: "normal" | "baseline";
  takes(pod: Candidate): Answer;
  /** What pods must have for it to take them; undefined where nothing is known that all of them have. */
  readonly needs?: Needs | undefined;
  readonly ingress: Direction | undefined;
  readonly egress: Direction | undefined;
}

/** A pod of a namespace of which nothing but the namespace is known: what takes it takes every pod there. */
export function anyPodOf(namespace: string): Candidate {
  const labels: Labels = { values: new Map(), unresolved: new Map(), hidden: "the labels of the pod are not known" };
  const place: Place = { kind: "nowhere", why: "it stands for pods that are not seen" };
  return { namespace, labels, serviceAccount: { kind: "unknown", why: "the pod is not seen", place } };
}

/** The servers that answer for names in a cluster, as kubeadm, k3s, Talos and CoreDNS's own chart label them. */
export const dnsServer: Candidate = {
  ...anyPodOf("kube-system"),
  labels: {
    values: new Map([["k8s-app", "kube-dns"]]),
    unresolved: new Map(),
    hidden: "the other labels of the DNS server are not known",
  },
};

/** Whether a policy takes a pod; one of another namespace never does. */
export function takes(policy: Policy, pod: Candidate): Answer {
  return policy.namespace !== undefined && policy.namespace !== pod.namespace ? "no" : policy.takes(pod);
}

/** Whether a peer names a pod; quick for one of another namespace. */
export function names(peer: Peer, pod: Candidate): Answer {
  return peer.within !== undefined && peer.within !== pod.namespace ? "no" : peer.pods(pod);
}

/** Whether a rule lets DNS through to the cluster's own servers, or to some outside. */
export function letsDnsThrough(peer: Peer): Answer {
  const port: Answer =
    peer.ports.every || peer.ports.ranges.some(({ first, last }) => first <= 53 && last >= 53)
      ? "yes"
      : peer.ports.doubt === undefined
        ? "no"
        : { doubt: peer.ports.doubt };
  if (peer.outside === "yes") return port;
  return and(port, names(peer, dnsServer));
}
