import { child } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import type { ClusterContext } from "../context.ts";
import { fieldsOf, itemsIn, specOf, textIn } from "../context.ts";
import { adminPolicy } from "./admin-policy.ts";
import { ciliumPolicies } from "./cilium-policy.ts";
import { Policies } from "./isolation.ts";
import { kubernetesPolicy } from "./kubernetes-policy.ts";
import type { Policy } from "./policy.ts";

/** Every network policy among a cluster's objects, and what else may isolate pods. */
export function readPolicies(context: ClusterContext): Policies {
  const policies: readonly Policy[] = [
    ...context.ofKind("networking.k8s.io", "NetworkPolicy").map((object) => kubernetesPolicy(object, context)),
    ...context.ofKind("cilium.io", "CiliumNetworkPolicy").flatMap((object) => ciliumPolicies(object, context)),
    ...context
      .ofKind("cilium.io", "CiliumClusterwideNetworkPolicy")
      .flatMap((object) => ciliumPolicies(object, context)),
    ...context.ofKind("policy.networking.k8s.io", "AdminNetworkPolicy").map((object) => adminPolicy(object, context)),
    ...context
      .ofKind("policy.networking.k8s.io", "BaselineAdminNetworkPolicy")
      .map((object) => adminPolicy(object, context)),
  ];
  return new Policies(policies, { doubt: whyOthersMayIsolate(context), always: enforcedAlways(context) });
}

/** Kinds that isolate pods in ways which are not read here. */
const unreadKinds: readonly (readonly [group: string, kind: string, name: string])[] = [
  ["crd.projectcalico.org", "NetworkPolicy", "Calico's network policies"],
  ["crd.projectcalico.org", "GlobalNetworkPolicy", "Calico's network policies"],
  ["projectcalico.org", "NetworkPolicy", "Calico's network policies"],
  ["projectcalico.org", "GlobalNetworkPolicy", "Calico's network policies"],
  ["crd.antrea.io", "NetworkPolicy", "Antrea's network policies"],
  ["crd.antrea.io", "ClusterNetworkPolicy", "Antrea's network policies"],
  ["policy.networking.k8s.io", "ClusterNetworkPolicy", "cluster network policies"],
];

function whyOthersMayIsolate(context: ClusterContext): string | undefined {
  const unread = unreadKinds.find(([group, kind]) => context.ofKind(group, kind).length > 0);
  if (unread !== undefined) return `${unread[2]} are not interpreted`;
  const generates = context
    .ofKind("kyverno.io", "ClusterPolicy")
    .some((policy) =>
      itemsIn(specOf(policy), "rules").some((rule) => makesPolicies(textIn(rule.fields("generate"), "kind"))),
    );
  return generates ? "Kyverno generates network policies, which are not seen here" : undefined;
}

function makesPolicies(kind: string | undefined): boolean {
  return kind === "NetworkPolicy" || kind === "CiliumNetworkPolicy";
}

/** Cilium isolates every pod with `policyEnforcementMode: always`, as its chart's values or its ConfigMap say. */
function enforcedAlways(context: ClusterContext): Place | undefined {
  for (const release of context.ofKind("helm.toolkit.fluxcd.io", "HelmRelease")) {
    if (!/(?:^|-)cilium$/.test(release.name)) continue;
    const mode = child(child(child(release.node, "spec"), "values"), "policyEnforcementMode");
    if (mode?.kind === "scalar" && mode.value === "always") return mode.place;
  }
  const config = context.object("", "ConfigMap", "cilium-config");
  const mode = config === undefined ? undefined : fieldsOf(config).fields("data").node("enable-policy");
  return mode?.kind === "scalar" && mode.value === "always" ? mode.place : undefined;
}
