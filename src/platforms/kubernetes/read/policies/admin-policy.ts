import type { Fields } from "../../../../formats/fields.ts";
import { isEveryAddress } from "../../../../lib/cidr.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn, textsIn, whyTextsIncomplete } from "../context.ts";
import { type Answer, and, describeSelector, matches, namesAnything, or, selectorOf } from "../labels.ts";
import { type Needs, neededLabels, neededValues } from "../pod-index.ts";
import type { Candidate, Direction, Peer, Policy, Ports } from "./policy.ts";
import { everyPort } from "./policy.ts";

/**
 * An AdminNetworkPolicy or the BaselineAdminNetworkPolicy.
 *
 * Source: the Network Policy API's documentation, v1alpha1: rules of the one are asked before network policies and end
 * with the first that applies, those of the other after them and only for pods that no network policy takes. A baseline
 * that denies every pod of the cluster is a default deny. What its rules allow to some ports only is taken for all.
 */
export function adminPolicy(object: KubernetesObject, context: ClusterContext): Policy {
  const spec = specOf(object);
  const baseline = object.kind === "BaselineAdminNetworkPolicy";
  const subject = groupOf(spec.fields("subject"), context);
  const { hidden } = spec;
  const direction = (key: "ingress" | "egress") => directionOf(spec, key, baseline, context);
  return {
    name: `${object.kind} ${object.name}`,
    place: object.place,
    namespace: undefined,
    tier: baseline ? "baseline" : "normal",
    takes: (pod) => (hidden === undefined ? subject.has(pod) : { doubt: hidden }),
    needs: hidden === undefined ? subject.needs : undefined,
    ingress: direction("ingress"),
    egress: direction("egress"),
  };
}

/** Pods that are named together. */
interface Group {
  has(pod: Candidate): Answer;
  readonly needs: Needs;
}

const metadataName = "kubernetes.io/metadata.name";

/** `namespaces: selector`, or `pods: {namespaceSelector, podSelector}`. */
function groupOf(fields: Fields, context: ClusterContext): Group {
  if (fields.node("namespaces") !== undefined) {
    const spaces = selectorOf(fields.node("namespaces"), fields.place);
    return {
      has: (pod) => matches(spaces, context.namespaceLabels(pod.namespace)),
      needs: { namespaces: neededValues(spaces, metadataName) },
    };
  }
  if (fields.node("pods") === undefined) {
    const { hidden } = fields;
    return hidden === undefined
      ? { has: () => "no", needs: { namespaces: [] } }
      : { has: () => ({ doubt: hidden }), needs: {} };
  }
  const both = fields.fields("pods");
  const spaces = selectorOf(both.node("namespaceSelector"), both.place);
  const pods = selectorOf(both.node("podSelector"), both.place);
  return {
    has: (pod) => and(matches(spaces, context.namespaceLabels(pod.namespace)), matches(pods, pod.labels)),
    needs: { namespaces: neededValues(spaces, metadataName), labels: neededLabels(pods) },
  };
}

function directionOf(
  spec: Fields,
  key: "ingress" | "egress",
  baseline: boolean,
  context: ClusterContext,
): Direction | undefined {
  const rules = itemsIn(spec, key);
  if (rules.length === 0) return undefined;
  const allow: Peer[] = [];
  const deny: Peer[] = [];
  for (const rule of rules) {
    // One that is not resolved may be the one that allows.
    const action = textIn(rule, "action") ?? (rule.node("action") === undefined ? undefined : "Allow");
    const peers = itemsIn(rule, key === "ingress" ? "from" : "to").map((item) => peerOf(item, context));
    if (action === "Allow" || action === "Pass") allow.push(...peers);
    // What comes after a rule that allows may be excepted by it: only what is denied first is denied for certain.
    else if (action === "Deny" && rule.node("ports") === undefined && allow.length === 0) deny.push(...peers);
  }
  const denied = rules
    .filter((rule) => textIn(rule, "action") === "Deny")
    .map((rule) => deniesEverything(rule, key, context))
    .reduce<Answer>(or, "no");
  const place = spec.node(key)?.place ?? spec.place;
  return { place, isolates: baseline ? denied : "no", allow, deny: baseline ? [] : deny };
}

function deniesEverything(rule: Fields, key: "ingress" | "egress", context: ClusterContext): Answer {
  if (rule.node("ports") !== undefined) return "no";
  const peers = itemsIn(rule, key === "ingress" ? "from" : "to").map((item) => peerOf(item, context));
  return peers
    .map(({ width, open }): Answer => (open !== undefined ? { doubt: open } : width === "cluster" ? "yes" : "no"))
    .reduce<Answer>(or, "no");
}

function peerOf(item: Fields, context: ClusterContext): Peer {
  const ports: Ports = everyPort;
  const networks = textsIn(item, "networks");
  const outside = networks.length > 0 || item.node("domainNames") !== undefined || item.node("nodes") !== undefined;
  const all = networks.some(isEveryAddress);
  const both = item.fields("pods");
  const spaces = item.node("namespaces") ?? both.node("namespaceSelector");
  const pods = both.node("podSelector");
  const selectors = [spaces, pods].map((node) => selectorOf(node, item.place));
  const text = selectors.map(describeSelector).filter((each) => each !== "");
  const narrowed = [spaces, pods].some((node) => namesAnything(node, item.place));
  const doubt = both.hidden ?? selectors.find((each) => each.doubt !== undefined)?.doubt;
  const group = groupOf(item, context);
  const named = item.node("namespaces") !== undefined || item.node("pods") !== undefined;
  return {
    who: outside
      ? networks.join(", ") || "addresses outside"
      : `pods ${text.length === 0 ? "of the cluster" : `with ${text.join(", ")}`}`,
    place: item.place,
    within: undefined,
    width: outside ? (all ? "outside" : "some") : named && !narrowed && doubt === undefined ? "cluster" : "some",
    open: whyTextsIncomplete(item, "networks") ?? (narrowed ? undefined : doubt),
    pods: (pod) => (outside ? "no" : group.has(pod)),
    needs: group.needs,
    same: outside ? "no" : undefined,
    outside: outside ? "yes" : "no",
    byName: named,
    ports,
  };
}
