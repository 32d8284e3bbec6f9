/**
 * A rule that lets everybody in on every port is a wall with no stones.
 *
 * Reads:  policy-rule.action, policy-rule.kubernetes: peers, everyPort, takes; image.reference (of those it takes)
 * Passes: the rule names ports, or fewer than everybody.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { PolicyRuleExtension } from "../../facts/extensions-cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { productOf } from "../knowledge/products.ts";

export const policyRuleNarrow = defineControl({
  id: "network.policy-rule-narrow",
  on: "policy-rule",
  severity: "medium",
  title: "Policies do not let everybody in on every port",
  claim: "No network policy allows everybody to connect to every port.",
  threat: "The policy isolates on paper: whoever reaches the network reaches every port of the pods that it takes.",
  remedy:
    "Name the peers (`from:` with `podSelector` and `namespaceSelector`, in Cilium `fromEndpoints`) and the ports. What is meant for outside goes through the gateway: allow the gateway's pods.",
  judged:
    "Fails at medium for a rule that lets everybody, or everybody outside of the cluster, in on every port of several workloads; at low for one workload, and for one that lets every pod of the cluster in on every port; at info for one that lets pods open everything. In a Kubernetes policy `ingress: [{}]` is such a rule; in Cilium's it is the opposite, and no rule at all. Rules for a proxy alone pass.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["network-policies"],
    owaspKubernetes: ["K05"],
    zeroTrust: ["3"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N8", "N10"],
  },
  exposureMatters: false,

  check({ kubernetes: rule, action }, system): Judgement {
    if (rule === undefined) return notApplicable("it is no network policy");
    if (action.kind === "unknown") return cannotTell("what it does", action.why);
    if (knownValue(action) !== "allow") return notApplicable("it denies");
    const { peers, everyPort } = rule;
    if (peers.kind === "unknown") return cannotTell("whom it lets in", peers.why, { severity: "low" });
    if (everyPort.kind === "unknown")
      return cannotTell("on which ports it lets in", everyPort.why, { severity: "low" });
    const severity = severityOf(rule);
    if (severity === undefined) return pass("it is about some peers, or some ports", peers.place);
    if (rule.direction === "ingress" && onlyProxies(rule, system))
      return pass("it is for the proxy alone", peers.place);
    return fail(`${rule.policy} ${describe(rule)}`, { severity, place: peers.place });
  },
});

function severityOf({ peers, everyPort, direction, takes }: PolicyRuleExtension): Severity | undefined {
  const wide = knownValue(peers);
  if (knownValue(everyPort) !== true || wide === undefined || wide === "some" || wide === "nobody") return undefined;
  if (direction === "egress") return wide === "everybody" ? "info" : undefined;
  return wide === "cluster" || takes.length < 2 ? "low" : "medium";
}

function describe({ peers, direction }: PolicyRuleExtension): string {
  if (direction === "egress") return "lets its pods open every connection";
  const wide = knownValue(peers);
  const who = wide === "cluster" ? "every pod of the cluster" : wide === "outside" ? "everybody outside" : "everybody";
  return `lets ${who} in on every port`;
}

function onlyProxies({ takes }: PolicyRuleExtension, system: System): boolean {
  const workloads = takes.flatMap((ref) => system.workload(ref) ?? []);
  return workloads.length > 0 && workloads.every((workload) => productOf(workload, system).roles.has("proxy"));
}
