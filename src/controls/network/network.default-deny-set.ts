/**
 * In a cluster every pod reaches every other, and everything outside, until a policy says otherwise.
 *
 * Reads:  zone.kubernetes: ingressDenied, egressDenied, pods
 * Passes: policies deny every pod of the namespace what no rule allows, in both directions.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { NamespaceExtension, PodIsolation } from "../../facts/extensions-cluster.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { shortList } from "../knowledge/cluster-names.ts";

export const defaultDenySet = defineControl({
  id: "network.default-deny-set",
  on: "zone",
  severity: "medium",
  title: "Namespaces deny by default",
  claim: "In every namespace pods accept and open only the connections that a network policy allows.",
  threat:
    "From one taken-over pod every database, admin interface and metrics endpoint of the cluster can be tried, and what is stolen can be sent anywhere.",
  remedy:
    "Add a policy that takes every pod and allows nothing, then one for each connection that is meant, DNS first. Kubernetes: `podSelector: {}` with `policyTypes: [Ingress, Egress]`. Cilium: `endpointSelector: {}` with `ingress: [{}]` and `egress: [{}]`, or one CiliumClusterwideNetworkPolicy for all namespaces.",
  judged:
    "One judgement for each namespace. Kubernetes, Cilium (clusterwide too) and admin network policies count, and pods are taken as those programs take them: an empty rule of Cilium is default deny, an empty list is not. Fails at medium where pods accept what nobody allowed, at low where only what they open is unbounded, where neither the namespace nor a policy of it is among the files, and where Flux or Argo CD also applies files that are not here. Unknown at low where charts make the pods, and where policies of Calico or Antrea, or some that Kyverno generates, may isolate them. Pods on the node's own network and the cluster's own namespaces (kube-system) are left out.",
  limits: "Whether the network plugin enforces policies at all (Flannel does not) is not in these files.",
  platforms: ["kubernetes"],
  frameworks: {
    cisKubernetes: ["5.3.2"],
    nsaKubernetes: ["network-policies"],
    owaspKubernetes: ["K05"],
    zeroTrust: ["3"],
    nistCsf: ["PR.IR-01", "ID.AM-03"],
    coverage: ["N2", "N8", "N10"],
  },
  exposureMatters: false,

  check({ kubernetes: namespace }): Judgement {
    if (namespace === undefined) return notApplicable("it is no namespace");
    if (namespace.system) return notApplicable("it belongs to the cluster itself");
    const ingress = judgeSide(namespace, namespace.ingressDenied, (pod) => pod.ingressDenied);
    const egress = judgeSide(namespace, namespace.egressDenied, (pod) => pod.egressDenied);
    return together(namespace, ingress, egress);
  },
});

/** What is found of one direction. */
type Side =
  | { readonly kind: "denied" | "empty" }
  | {
      readonly kind: "open";
      readonly open: readonly string[];
      readonly of: number;
      readonly place: Fact<boolean>["place"];
    }
  | { readonly kind: "unknown"; readonly why: string };

function judgeSide(
  { pods }: NamespaceExtension,
  every: Fact<boolean>,
  ofPod: (pod: PodIsolation) => Fact<boolean>,
): Side {
  if (knownValue(every) === true) return { kind: "denied" };
  const open = pods.items.filter((pod) => knownValue(ofPod(pod)) === false);
  const [first] = open;
  if (first !== undefined) {
    const names = open.map((pod) => pod.workload.name);
    return { kind: "open", open: names, of: pods.items.length, place: ofPod(first).place };
  }
  for (const fact of [every, ...pods.items.map(ofPod)])
    if (fact.kind === "unknown") return { kind: "unknown", why: fact.why };
  if (!pods.complete) return { kind: "unknown", why: pods.why };
  return { kind: pods.items.length === 0 ? "empty" : "denied" };
}

function together(namespace: NamespaceExtension, ingress: Side, egress: Side): Judgement {
  if (ingress.kind === "open") {
    const isOne = ingress.open.length === 1 && ingress.of > 1;
    const accept = isOne ? "accepts" : "accept";
    const they = isOne ? "it opens" : "they open";
    const outgoing = egress.kind === "open" ? `, and nothing bounds what ${they}` : "";
    const { elsewhere } = namespace;
    const open = elsewhere === undefined ? "" : `, unless ${elsewhere} applies policies that are not among these files`;
    return fail(`${described(ingress)} ${accept} connections from every pod of the cluster${outgoing}${open}`, {
      severity: isOurs(namespace) && elsewhere === undefined ? "medium" : "low",
    });
  }
  if (ingress.kind === "unknown") {
    return cannotTell("whether its pods accept only what is allowed", ingress.why, { severity: "low" });
  }
  if (egress.kind === "open") {
    const open = egress.open.length === 1 && egress.of > 1 ? "opens" : "open";
    return fail(`nothing bounds the connections that ${described(egress)} ${open}`, { severity: "low" });
  }
  if (egress.kind === "unknown") {
    return cannotTell("whether its pods open only what is allowed", egress.why, { severity: "low" });
  }
  return ingress.kind === "empty" && egress.kind === "empty"
    ? notApplicable("nothing that policies could take runs in it here")
    : pass("policies deny its pods what no rule allows");
}

function described({ open, of }: Side & { readonly kind: "open" }): string {
  return open.length === of ? `its pods (${shortList(open)})` : `${shortList(open)}, which no policy isolates,`;
}

/** Whether the namespace is written here, or policies of it are: others may have theirs where they are applied. */
function isOurs({ declared, pods }: NamespaceExtension): boolean {
  return declared || pods.items.some((pod) => knownValue(pod.ingressDenied) === true);
}
