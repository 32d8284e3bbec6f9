import type { Fact } from "../../../../facts/fact.ts";
import { defaulted, stated, unknown } from "../../../../facts/fact.ts";
import type { Place } from "../../../../lib/place.ts";
import { type Answer, and, or } from "../labels.ts";
import { anyPodOf, type Candidate, type Direction, letsDnsThrough, type Policy, takes } from "./policy.ts";
import { PolicyIndex } from "./policy-index.ts";

export type Side = "ingress" | "egress";

/** A direction of a policy that takes a pod, or may. */
export interface Taking {
  readonly policy: Policy;
  readonly direction: Direction;
  /** `yes`, or the doubt. */
  readonly takes: Answer;
}

/** Every network policy of a cluster. */
export class Policies {
  readonly all: readonly Policy[];
  /** Why pods may be isolated by what is not read as a policy (Calico's, one that an engine generates). */
  readonly doubt: string | undefined;
  /** Where every pod is isolated whatever policies say (Cilium's enforcement mode `always`). */
  readonly always: Place | undefined;
  readonly #index: PolicyIndex;
  readonly #taking = {
    ingress: new WeakMap<Candidate, readonly Taking[]>(),
    egress: new WeakMap<Candidate, readonly Taking[]>(),
  };

  constructor(
    all: readonly Policy[],
    others: { readonly doubt?: string | undefined; readonly always?: Place | undefined } = {},
  ) {
    this.all = all;
    this.doubt = others.doubt;
    this.always = others.always;
    this.#index = new PolicyIndex(all);
  }

  /** The policies that take a pod in one direction, for certain or perhaps. */
  taking(pod: Candidate, side: Side): readonly Taking[] {
    const known = this.#taking[side].get(pod) ?? takingsOf(this.#index.candidates(pod), pod, side);
    this.#taking[side].set(pod, known);
    return known;
  }

  /** Whether what no rule allows is denied to a pod; the place is the policy's that says so, or the pod's. */
  denied(pod: Candidate, side: Side, place: Place): Fact<boolean> {
    if (this.always !== undefined) return stated(true, this.always);
    const taking = this.taking(pod, side);
    const isolating = taking.find((each) => and(each.takes, each.direction.isolates) === "yes");
    if (isolating !== undefined) return stated(true, isolating.direction.place);
    const answer = taking.reduce<Answer>((sum, each) => or(sum, and(each.takes, each.direction.isolates)), "no");
    if (typeof answer !== "string") return unknown(answer.doubt, place);
    return this.doubt === undefined ? defaulted(false, "platform", place) : unknown(this.doubt, place);
  }

  /** The same for every pod of a namespace, those that are not seen too. False says that some may be left open. */
  deniedToAll(namespace: string, side: Side, place: Place): Fact<boolean> {
    if (this.always !== undefined) return stated(true, this.always);
    const any = anyPodOf(namespace);
    const taking = takingsOf(this.#index.sureCandidates(any), any, side);
    const covering = taking.find((each) => and(each.takes, each.direction.isolates) === "yes");
    if (covering !== undefined) return stated(true, covering.direction.place);
    return this.doubt === undefined ? defaulted(false, "platform", place) : unknown(this.doubt, place);
  }

  /** Whether an address outside of the cluster may open a connection to a pod on some port. */
  letsOutsideIn(pod: Candidate): Answer {
    const place: Place = { kind: "nowhere", why: "it is asked for the answer alone" };
    const denied = this.denied(pod, "ingress", place);
    if (denied.kind === "unknown") return { doubt: denied.why };
    if (denied.kind === "unstated" || !denied.value) return "yes";
    const peers = this.taking(pod, "ingress").flatMap(({ direction }) => direction.allow);
    return peers.reduce<Answer>((sum, peer) => or(sum, peer.outside), "no");
  }

  /** Whether a pod may ask the cluster's DNS; always where its egress is not denied, or where it needs no names. */
  mayAskNames(pod: Candidate, place: Place): Fact<boolean> {
    const denied = this.denied(pod, "egress", place);
    if (denied.kind === "unknown") return denied;
    if (denied.kind === "unstated" || !denied.value) return defaulted(true, "platform", place);
    const taking = this.taking(pod, "egress");
    const peers = taking.flatMap(({ direction, takes: sure }) => direction.allow.map((peer) => ({ peer, sure })));
    if (!peers.some(({ peer }) => peer.byName)) return defaulted(true, "platform", place);
    const answer = peers.reduce<Answer>((sum, { peer, sure }) => or(sum, and(sure, letsDnsThrough(peer))), "no");
    if (answer === "yes") return stated(true, denied.place);
    return answer === "no" ? stated(false, denied.place) : unknown(answer.doubt, denied.place);
  }
}

function takingsOf(candidates: readonly Policy[], pod: Candidate, side: Side): readonly Taking[] {
  return candidates.flatMap((policy): readonly Taking[] => {
    const direction = policy[side];
    if (direction === undefined) return [];
    const answer = takes(policy, pod);
    return answer === "no" ? [] : [{ policy, direction, takes: answer }];
  });
}
