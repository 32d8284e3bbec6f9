/**
 * A policy that bounds what pods open, and forgets DNS, stops everything that goes by a name; then somebody takes the
 * policy away.
 *
 * Reads:  zone.kubernetes.pods: egressDenied, dns
 * Passes: pods whose egress is bounded, and that go anywhere by a name, may ask the cluster's DNS.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { shortList } from "../knowledge/cluster-names.ts";

export const dnsAllowed = defineControl({
  id: "network.dns-allowed",
  on: "zone",
  severity: "low",
  title: "Policies that bound egress allow DNS",
  claim: "Pods whose connections are bounded by policies may still ask for names.",
  threat:
    "The application fails where it looks for a name, and the quickest mend is to take the policy away, and the wall with it.",
  remedy:
    'Allow port 53, UDP and TCP, to the cluster\'s DNS: pods with `k8s-app: kube-dns` in the namespace kube-system. With Cilium add `rules: {dns: [{matchPattern: "*"}]}`, which `toFQDNs` needs.',
  judged:
    "Fails for pods whose egress is denied by default, that a rule lets connect to other pods or to names, and that no rule lets ask the cluster's DNS or a server outside. What is denied everything, or goes to addresses alone, needs no names.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["network-policies"],
    owaspKubernetes: ["K05"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N8"],
  },
  exposureMatters: false,

  check({ kubernetes: namespace }): Judgement {
    if (namespace === undefined) return notApplicable("it is no namespace");
    const { pods } = namespace;
    const cut = pods.items.filter((pod) => knownValue(pod.dns) === false && knownValue(pod.egressDenied) === true);
    const [first] = cut;
    if (first !== undefined) {
      const names = shortList(cut.map((pod) => pod.workload.name));
      return fail(`policies cut ${names} off from DNS, though a rule lets them go where names lead`, {
        place: first.dns.place,
      });
    }
    for (const { dns, egressDenied } of pods.items) {
      const hidden = egressDenied.kind === "unknown" ? egressDenied : dns;
      if (hidden.kind === "unknown")
        return cannotTell("whether its pods may ask for names", hidden.why, { severity: "info" });
    }
    if (!pods.complete) {
      return pods.items.some((pod) => knownValue(pod.egressDenied) === true)
        ? cannotTell("whether all of its pods may ask for names", pods.why, { severity: "info" })
        : notApplicable("no policy is seen to bound what its pods open");
    }
    return pods.items.some((pod) => knownValue(pod.egressDenied) === true)
      ? pass("its pods may ask for the names that they need")
      : notApplicable("no policy bounds what its pods open");
  },
});
