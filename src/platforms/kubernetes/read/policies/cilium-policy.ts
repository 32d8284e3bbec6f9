import { knownValue } from "../../../../facts/fact.ts";
import { asBoolean, Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, fieldsOf, itemsIn } from "../context.ts";
import { type Answer, everything } from "../labels.ts";
import { ciliumPeers } from "./cilium-peers.ts";
import { type CiliumSelector, ciliumMatch, ciliumNeeds, ciliumSelector } from "./cilium-selector.ts";
import type { Direction, Policy } from "./policy.ts";

/**
 * The rules of a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy, one policy for each (`spec`, `specs`).
 *
 * Source: the CRDs of cilium.io/v2 (main of 2026-05-29) and Cilium's documentation "Layer 3 Policies" and "Policy
 * Enforcement Modes": a list of rules that is absent or empty is not about its direction; any rule in it, an empty one
 * and one of `ingressDeny` too, denies by default what no rule allows, unless `enableDefaultDeny` says otherwise; denials
 * win over what is allowed.
 */
export function ciliumPolicies(object: KubernetesObject, context: ClusterContext): readonly Policy[] {
  const namespace = object.kind === "CiliumNetworkPolicy" ? context.namespaceOf(object) : undefined;
  const root = fieldsOf(object);
  const rules = [...(root.node("spec") === undefined ? [] : [root.fields("spec")]), ...itemsIn(root, "specs")];
  const name = `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${object.name}`;
  if (rules.length === 0 && root.hidden !== undefined) {
    return [policyOf(Fields.of(undefined, object.place, "spec", root.hidden), { name, object, namespace, context })];
  }
  return rules.map((rule) => policyOf(rule, { name, object, namespace, context }));
}

interface Owner {
  readonly name: string;
  readonly object: KubernetesObject;
  readonly namespace: string | undefined;
  readonly context: ClusterContext;
}

function policyOf(spec: Fields, { name, object, namespace, context }: Owner): Policy {
  const selector: CiliumSelector | undefined =
    spec.node("endpointSelector") === undefined
      ? spec.hidden === undefined
        ? undefined
        : { ...everything, doubt: spec.hidden, namesNamespace: true }
      : ciliumSelector(spec.node("endpointSelector"), spec.place);
  return {
    name,
    place: object.place,
    namespace,
    tier: "normal",
    // Without an `endpointSelector` it is about nodes.
    takes: (pod): Answer => (selector === undefined ? "no" : ciliumMatch(selector, pod, context)),
    needs: selector === undefined ? { namespaces: [] } : ciliumNeeds(selector),
    ingress: directionOf(spec, "ingress", namespace, context),
    egress: directionOf(spec, "egress", namespace, context),
  };
}

function directionOf(
  spec: Fields,
  key: "ingress" | "egress",
  namespace: string | undefined,
  context: ClusterContext,
): Direction | undefined {
  const allowed = itemsIn(spec, key);
  const denied = itemsIn(spec, `${key}Deny`);
  const isolates = isolatesBy(spec, key, allowed.length + denied.length > 0);
  if (isolates === "no" && allowed.length + denied.length === 0) return undefined;
  const peers = (rules: readonly Fields[]) => rules.flatMap((rule) => ciliumPeers(rule, key, namespace, context));
  return {
    place: spec.node(key)?.place ?? spec.node(`${key}Deny`)?.place ?? spec.place,
    isolates,
    allow: peers(allowed),
    deny: peers(denied),
  };
}

function isolatesBy(spec: Fields, key: "ingress" | "egress", hasRules: boolean): Answer {
  const switched = spec
    .fields("enableDefaultDeny")
    .fact(key, asBoolean, "true or false", (place) => ({ kind: "unstated", place }));
  if (switched.kind === "unknown") return { doubt: switched.why };
  const list = spec.node(key);
  if (list?.kind === "sequence" && list.incomplete !== undefined && !hasRules) return { doubt: list.incomplete };
  return (knownValue(switched) ?? hasRules) ? "yes" : "no";
}
