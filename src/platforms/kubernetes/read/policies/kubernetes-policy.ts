import { knownValue, unstated, whyUnknown } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import { isEveryAddress } from "../../../../lib/cidr.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textsIn, whyIncomplete, whyTextsIncomplete } from "../context.ts";
import { type Answer, and, describeSelector, matches, namesAnything, onlyValue, selectorOf } from "../labels.ts";
import { neededLabels, neededValues } from "../pod-index.ts";
import { type Direction, everyPort, type Peer, type Policy, type Ports } from "./policy.ts";
import { portsOfRule } from "./ports.ts";

/**
 * A `networking.k8s.io` NetworkPolicy.
 *
 * Source: Kubernetes documentation "Network Policies" and k8s.io/api/networking/v1 as of v1.36: an empty `podSelector`
 * takes every pod of the namespace; without `policyTypes` it is about ingress, and about egress where it has egress
 * rules; a rule without `from` or `to` is about everybody, so that `ingress: [{}]` allows everything while no rule at
 * all denies everything.
 */
export function kubernetesPolicy(object: KubernetesObject, context: ClusterContext): Policy {
  const spec = specOf(object);
  const namespace = context.namespaceOf(object);
  const selector = selectorOf(spec.node("podSelector"), spec.place);
  const takes = spec.hidden === undefined ? selector : { ...selector, doubt: spec.hidden };
  const direction = (type: "Ingress" | "Egress") => directionOf(spec, type, { context, namespace });
  return {
    name: `NetworkPolicy ${namespace}/${object.name}`,
    place: object.place,
    namespace,
    tier: "normal",
    takes: (pod) => matches(takes, pod.labels),
    needs: { labels: neededLabels(takes) },
    ingress: direction("Ingress"),
    egress: direction("Egress"),
  };
}

interface Owner {
  readonly context: ClusterContext;
  readonly namespace: string;
}

function directionOf(spec: Fields, type: "Ingress" | "Egress", owner: Owner): Direction | undefined {
  const isolates = isAbout(spec, type);
  if (isolates === "no") return undefined;
  const [rules, peers] = type === "Ingress" ? (["ingress", "from"] as const) : (["egress", "to"] as const);
  return {
    place: spec.node(rules)?.place ?? spec.keyPlace("policyTypes"),
    isolates,
    allow: [
      ...itemsIn(spec, rules).flatMap((rule) => peersOf(rule, peers, owner)),
      ...unseenPeers(spec, rules, everyPort),
    ],
    deny: [],
  };
}

function isAbout(spec: Fields, type: "Ingress" | "Egress"): Answer {
  const doubt = whyTextsIncomplete(spec, "policyTypes");
  if (doubt !== undefined) return { doubt };
  const types = textsIn(spec, "policyTypes");
  if (types.length > 0) return types.includes(type) ? "yes" : "no";
  if (type === "Ingress" || itemsIn(spec, "egress").length > 0) return "yes";
  const why = whyIncomplete(spec, "egress");
  return why === undefined ? "no" : { doubt: why };
}

function peersOf(rule: Fields, key: "from" | "to", owner: Owner): readonly Peer[] {
  const ports = portsOfRule(rule);
  const items = itemsIn(rule, key);
  const unseen = unseenPeers(rule, key, ports);
  if (items.length === 0 && unseen.length === 0) return [everybody(rule, ports)];
  return [...items.map((item) => peerOf(item, ports, owner)), ...unseen];
}

/** What a list that is not resolved may let through besides. */
function unseenPeers(fields: Fields, key: string, ports: Ports): readonly Peer[] {
  const doubt = whyIncomplete(fields, key);
  if (doubt === undefined) return [];
  return [
    {
      who: `what \`${key}\` names`,
      place: fields.node(key)?.place ?? fields.place,
      within: undefined,
      width: "some",
      open: doubt,
      pods: () => ({ doubt }),
      same: { doubt },
      outside: { doubt },
      byName: false,
      ports,
    },
  ];
}

function everybody(rule: Fields, ports: Ports): Peer {
  return {
    who: "everybody",
    place: rule.place,
    within: undefined,
    width: "everybody",
    pods: () => "yes",
    same: "yes",
    outside: "yes",
    byName: false,
    ports,
  };
}

function peerOf(item: Fields, ports: Ports, owner: Owner): Peer {
  if (item.node("ipBlock") !== undefined) return blockPeer(item.fields("ipBlock"), ports);
  return podPeer(item, ports, owner);
}

function podPeer(item: Fields, ports: Ports, { context, namespace }: Owner): Peer {
  const inNamespaces = item.entry("namespaceSelector") === undefined ? undefined : item.node("namespaceSelector");
  const everywhere = item.entry("namespaceSelector") !== undefined;
  const pods = selectorOf(item.node("podSelector"), item.place);
  const spaces = selectorOf(inNamespaces, item.place);
  const nothing = !everywhere && item.entry("podSelector") === undefined;
  // `{}` is every namespace, whatever labels that has.
  const narrowed = everywhere && (spaces.requirements.length > 0 || spaces.doubt !== undefined);
  const all = pods.requirements.length === 0 && pods.doubt === undefined;
  const width =
    everywhere && all && spaces.requirements.length === 0 && spaces.doubt === undefined ? "cluster" : "some";
  const where = everywhere ? `namespaces ${describeSelector(spaces) || "of the cluster"}` : namespace;
  return {
    who: `pods ${all ? "" : `with ${describeSelector(pods)} `}in ${where}`,
    place: item.place,
    within: everywhere ? onlyValue(spaces, "kubernetes.io/metadata.name") : namespace,
    width: nothing ? "nobody" : width,
    open: isNarrowed(item) ? undefined : (item.hidden ?? (everywhere ? (pods.doubt ?? spaces.doubt) : undefined)),
    pods: (pod) => {
      if (nothing) return item.hidden === undefined ? "no" : { doubt: item.hidden };
      const place = narrowed ? matches(spaces, context.namespaceLabels(pod.namespace)) : "yes";
      return and(place, matches(pods, pod.labels));
    },
    needs: nothing
      ? undefined
      : { namespaces: neededValues(spaces, "kubernetes.io/metadata.name"), labels: neededLabels(pods) },
    same: nothing && item.hidden === undefined ? "no" : all && !narrowed && !nothing ? "yes" : undefined,
    outside: "no",
    byName: true,
    ports,
  };
}

/** Whether a peer is seen to be of fewer pods than all, be it not seen of which. */
function isNarrowed(item: Fields): boolean {
  return ["podSelector", "namespaceSelector"].some((key) => namesAnything(item.node(key), item.place));
}

/** Whether a block of addresses takes pods too is left to the network plugin; only one that holds all of them may. */
function blockPeer(block: Fields, ports: Ports): Peer {
  const written = block.fact("cidr", asText, "a block of addresses", unstated);
  const cidr = knownValue(written);
  const all = cidr !== undefined && isEveryAddress(cidr);
  const pods: Answer = all
    ? { doubt: "whether a block of all addresses takes pods is the network plugin's own" }
    : "no";
  const excepted = textsIn(block, "except").length > 0 || whyIncomplete(block, "except") !== undefined;
  return {
    who: cidr ?? "an address block",
    place: block.node("cidr")?.place ?? block.place,
    within: undefined,
    width: all ? (excepted ? "outside" : "everybody") : "some",
    open: whyUnknown([written]),
    pods: () => pods,
    same: pods,
    outside: "yes",
    byName: false,
    ports,
  };
}
