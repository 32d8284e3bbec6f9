import { knownValue, unstated, whyUnknown } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { isEveryAddress } from "../../../../lib/cidr.ts";
import { type ClusterContext, itemsIn, textIn, textsIn, whyIncomplete, whyTextsIncomplete } from "../context.ts";
import { type Answer, describeSelector, namesAnything } from "../labels.ts";
import { ciliumMatch, ciliumNeeds, ciliumSelector, namespaceIn } from "./cilium-selector.ts";
import { everyPort, type Peer, type Ports } from "./policy.ts";
import { portsOfRule } from "./ports.ts";

/** What is common to the peers of one rule. */
interface Rule {
  readonly fields: Fields;
  readonly ports: Ports;
  /** The policy's namespace; undefined for a clusterwide one. */
  readonly namespace: string | undefined;
  readonly context: ClusterContext;
}

const memberNames = ["Endpoints", "CIDR", "CIDRSet", "Entities", "FQDNs", "Services", "Groups", "Nodes"] as const;

/**
 * The peers of one rule of a Cilium policy. A rule that names ports alone is about everybody; one that names nothing is
 * about nobody, and so is an empty list of endpoints; one about ICMP alone lets no connection through. Addresses are
 * those outside of the cluster, and never pods. Source: the CRD's descriptions of `fromEndpoints` and `fromCIDR`.
 */
export function ciliumPeers(
  fields: Fields,
  direction: "ingress" | "egress",
  namespace: string | undefined,
  context: ClusterContext,
): readonly Peer[] {
  const prefix = direction === "ingress" ? "from" : "to";
  const rule: Rule = { fields, ports: portsOf(fields), namespace, context };
  const named = memberNames.filter((name) => fields.node(`${prefix}${name}`) !== undefined);
  if (named.length > 0) return named.flatMap((name) => memberPeers(rule, name, `${prefix}${name}`));
  if (fields.hidden !== undefined) return [unseenPeer(rule, "peers that cannot be resolved", fields.hidden)];
  const onlyPorts = fields.node("toPorts") !== undefined;
  return onlyPorts ? [peer(rule, { who: "everybody", width: "everybody", pods: "yes", outside: "yes" })] : [];
}

function memberPeers(rule: Rule, name: (typeof memberNames)[number], key: string): readonly Peer[] {
  const { fields } = rule;
  const isTexts = name === "CIDR" || name === "Entities";
  const hidden = isTexts ? whyTextsIncomplete(fields, key) : whyIncomplete(fields, key);
  const unseen = hidden === undefined ? [] : [unseenPeer(rule, `peers of \`${key}\``, hidden)];
  return [...memberPeersSeen(rule, name, key), ...unseen];
}

function memberPeersSeen(rule: Rule, name: (typeof memberNames)[number], key: string): readonly Peer[] {
  const { fields } = rule;
  switch (name) {
    case "Endpoints":
      return nodesIn(fields, key).map((node) => endpointPeer(rule, node));
    case "CIDR":
      return textsIn(fields, key).map((cidr) => blockPeer(rule, cidr, false, fields.node(key)?.place));
    case "CIDRSet":
      return itemsIn(fields, key).map((item) => blockOf(rule, item));
    case "Entities":
      return textsIn(fields, key).map((entity) => entityPeer(rule, entity, key));
    case "FQDNs":
      return [peer(rule, { who: namesOf(fields, key), outside: "yes", byName: true, key })];
    case "Services":
      // Which pods are behind a Service by its selector is not followed here.
      return [peer(rule, { who: "Services", doubt: "which pods are behind the Services is not followed", key })];
    case "Groups":
      return [peer(rule, { who: "groups of addresses", outside: "yes", key })];
    case "Nodes":
      return [peer(rule, { who: "nodes", outside: "yes", key })];
  }
}

function nodesIn(fields: Fields, key: string): readonly TreeNode[] {
  const node = fields.node(key);
  return node?.kind === "sequence" ? node.items : [];
}

function endpointPeer(rule: Rule, node: TreeNode): Peer {
  const { namespace, context } = rule;
  const selector = ciliumSelector(node, node.place);
  const within = selector.namesNamespace ? namespaceIn(selector) : namespace;
  const text = describeSelector(selector);
  const everywhere = within === undefined && text === "" && selector.doubt === undefined;
  return {
    ...peer(rule, { who: `pods ${text === "" ? "" : `with ${text} `}in ${within ?? "any namespace"}` }),
    place: node.place,
    within,
    width: everywhere ? "cluster" : "some",
    open: namesAnything(node, node.place) ? undefined : selector.doubt,
    pods: (pod) => ciliumMatch(selector, pod, context),
    needs: ciliumNeeds(selector),
    same:
      selector.requirements.length > 0 ? undefined : selector.doubt === undefined ? "yes" : { doubt: selector.doubt },
    byName: true,
  };
}

/** By a group of addresses (`cidrGroupRef`) it is some of them. */
function blockOf(rule: Rule, item: Fields): Peer {
  const cidr = item.fact("cidr", asText, "a block of addresses", unstated);
  const block = blockPeer(rule, knownValue(cidr) ?? "addresses", item.node("except") !== undefined, item.place);
  return { ...block, open: whyUnknown([cidr]) };
}

function unseenPeer(rule: Rule, who: string, doubt: string): Peer {
  return { ...peer(rule, { who, doubt }), open: doubt };
}

function blockPeer(rule: Rule, cidr: string, excepted: boolean, place: Fields["place"] | undefined): Peer {
  const all = isEveryAddress(cidr);
  return {
    ...peer(rule, { who: cidr, outside: "yes", width: all && !excepted ? "outside" : "some" }),
    ...(place === undefined ? {} : { place }),
  };
}

function entityPeer(rule: Rule, entity: string, key: string): Peer {
  switch (entity) {
    case "all":
      return peer(rule, { who: "everybody", width: "everybody", pods: "yes", outside: "yes", key });
    case "world":
    case "world-ipv4":
    case "world-ipv6":
      return peer(rule, { who: "the world outside of the cluster", width: "outside", outside: "yes", key });
    case "cluster":
      return peer(rule, { who: "everything in the cluster", width: "cluster", pods: "yes", outside: "no", key });
    case "none":
      return peer(rule, { who: "nobody", width: "nobody", key });
    case "unmanaged":
      return peer(rule, { who: "pods that Cilium does not manage", doubt: "which pods those are is not seen", key });
    default:
      // The host, other nodes, the API server, Cilium's own proxy and health endpoints: no pods of anybody.
      return peer(rule, { who: entity, outside: entity === "host" || entity === "remote-node" ? "yes" : "no", key });
  }
}

function peer(
  rule: Rule,
  facts: {
    readonly who: string;
    readonly width?: Peer["width"];
    readonly pods?: Answer;
    readonly outside?: Answer;
    readonly byName?: boolean;
    readonly doubt?: string;
    readonly key?: string;
  },
): Peer {
  const pods: Answer = facts.doubt === undefined ? (facts.pods ?? "no") : { doubt: facts.doubt };
  return {
    who: facts.who,
    place: (facts.key === undefined ? undefined : rule.fields.node(facts.key)?.place) ?? rule.fields.place,
    within: undefined,
    width: facts.width ?? "some",
    pods: () => pods,
    same: pods,
    outside: facts.outside ?? (facts.doubt === undefined ? "no" : { doubt: facts.doubt }),
    byName: facts.byName ?? false,
    ports: rule.ports,
  };
}

function namesOf(fields: Fields, key: string): string {
  const found = itemsIn(fields, key).flatMap((item) => textIn(item, "matchName") ?? textIn(item, "matchPattern") ?? []);
  return found.length === 0 ? "names outside of the cluster" : found.join(", ");
}

/** Each entry of `toPorts` has ports of its own; one without any is about every port. */
function portsOf(fields: Fields): Ports {
  const entries = itemsIn(fields, "toPorts").map((entry) => portsOfRule(entry));
  const hidden = whyIncomplete(fields, "toPorts");
  if (entries.length === 0) {
    const icmpAlone = fields.node("icmps") !== undefined;
    if (hidden === undefined && !icmpAlone) return everyPort;
    return { every: false, ranges: [], doubt: hidden };
  }
  return {
    every: entries.some((entry) => entry.every),
    ranges: entries.flatMap((entry) => entry.ranges),
    doubt: hidden ?? entries.find((entry) => entry.doubt !== undefined)?.doubt,
  };
}
