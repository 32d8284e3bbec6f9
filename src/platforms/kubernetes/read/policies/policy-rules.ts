import { stated, unknown } from "../../../../facts/fact.ts";
import type { PolicyRule, Ref } from "../../../../facts/subjects.ts";
import type { Cluster } from "../cluster.ts";
import type { Side } from "./isolation.ts";
import { type Direction, type Peer, type Policy, takes } from "./policy.ts";

/** What network policies allow and deny, one subject for each group of peers that a rule names. */
export function policyRules(cluster: Cluster): readonly PolicyRule[] {
  const names = new Map<string, number>();
  return cluster.policies.all.flatMap((policy) => {
    const pods = takenBy(policy, cluster);
    return (["ingress", "egress"] as const).flatMap((side) => {
      const direction = policy[side];
      if (direction === undefined) return [];
      const of = (peer: Peer, action: "allow" | "deny") => ruleOf(peer, action, { cluster, policy, side, pods, names });
      const peers = [
        ...direction.allow.map((peer) => of(peer, "allow")),
        ...direction.deny.map((peer) => of(peer, "deny")),
      ];
      return peers.length > 0 ? peers : defaultDeny(direction, { cluster, policy, side, pods, names });
    });
  });
}

interface RuleContext {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly side: Side;
  readonly pods: readonly Ref<"workload">[];
  /** How many rules have a name by now. */
  readonly names: Map<string, number>;
}

function takenBy(policy: Policy, cluster: Cluster): readonly Ref<"workload">[] {
  const pods = cluster.index.candidates(policy.namespace, policy.needs ?? {});
  return pods.filter((pod) => takes(policy, pod) === "yes").map((pod) => pod.ref);
}

function ruleOf(peer: Peer, action: "allow" | "deny", context: RuleContext): PolicyRule {
  const { cluster, policy, side, pods } = context;
  const { ports, place } = peer;
  const [first] = ports.ranges;
  const single = ports.ranges.length === 1 && first !== undefined && first.first === first.last ? first : undefined;
  const own = `the pods of ${policy.name}`;
  return {
    ...cluster.context.subject("policy-rule", nameOf(context), place),
    from: side === "ingress" ? peer.who : own,
    to: side === "ingress" ? own : peer.who,
    port: single !== undefined ? stated(single.first, place) : portsFact(peer),
    protocol: stated(single?.protocol ?? "any", place),
    action: stated(action, place),
    kubernetes: {
      policy: policy.name,
      direction: side,
      peers: peer.open === undefined ? stated(peer.width, place) : unknown(peer.open, place),
      everyPort: ports.doubt === undefined ? stated(ports.every, place) : unknown(ports.doubt, place),
      takes: pods,
    },
  };
}

function portsFact({ ports, place }: Peer): PolicyRule["port"] {
  if (ports.every) return stated("any", place);
  return unknown(ports.doubt ?? "the rule names several ports", place);
}

function defaultDeny(direction: Direction, context: RuleContext): readonly PolicyRule[] {
  if (direction.isolates !== "yes") return [];
  const { cluster, policy, side, pods } = context;
  const { place } = direction;
  const own = `the pods of ${policy.name}`;
  return [
    {
      ...cluster.context.subject("policy-rule", nameOf(context), place),
      from: side === "ingress" ? "everybody" : own,
      to: side === "ingress" ? own : "everybody",
      port: stated("any", place),
      protocol: stated("any", place),
      action: stated("deny", place),
      kubernetes: {
        policy: policy.name,
        direction: side,
        peers: stated("everybody", place),
        everyPort: stated(true, place),
        takes: pods,
      },
    },
  ];
}

function nameOf({ policy, side, names }: RuleContext): string {
  const name = `${policy.name} ${side}`;
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name} ${count}`;
}
