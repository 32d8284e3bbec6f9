/**
 * A machine without a firewall shows every port of its host to whoever reaches it.
 *
 * Reads:  repository-file.configuration (Talos: NetworkDefaultActionConfig, NetworkRuleConfig)
 * Passes: what no rule names is blocked, and no rule opens the machines' API or etcd to everybody.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { TalosFirewallRule } from "../../facts/configuration/talos.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny } from "../judge.ts";
import { demandOf, onMachine } from "../knowledge/talos.ts";

/** Ports that only administrators and the machines themselves need (docs.siderolabs.com, Ingress Firewall). */
const inner: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "50000": "the machines' API",
    "50001": "the machines' API",
    "2379": "etcd",
    "2380": "etcd",
    "2379-2380": "etcd",
    "10250": "the kubelet",
  }),
);

export const machineFirewallOn = defineControl({
  id: "network.machine-firewall-on",
  on: "repository-file",
  software: ["talos"],
  severity: "low",
  title: "Talos's firewall blocks what no rule names",
  claim: "A machine answers on the ports that its rules name, and to those that they name.",
  threat:
    "Whoever is in the machines' network, a pod on the host's network too, tries the machines' API, etcd, the kubelet and whatever listens besides.",
  remedy:
    "Add a NetworkDefaultActionConfig with `ingress: block`, after NetworkRuleConfigs for the machines' API (50000 from administrators), trustd (50001), etcd (2379-2380) and kubelet (10250) from the machines, and the API server (6443).",
  judged:
    "Fails low where the default is to accept; a whole configuration without NetworkDefaultActionConfig accepts. Fails medium for a rule that opens the machines' API, etcd or the kubelet to every address. Not applicable to a patch without one.",
  limits: "A firewall of the network, or of Cilium on the host, is not seen.",
  frameworks: {
    nsaKubernetes: ["control-plane", "worker-segmentation"],
    owaspKubernetes: ["K05"],
    zeroTrust: ["2"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N9", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return onMachine(file, (machine) => {
      const { firewall, firewallRules } = machine;
      return all(
        demandOf(firewall, machine, (action) => action === "block", {
          what: "what the firewall does by default",
          detail: "default",
        }),
        forbidAny(firewallRules, judgeRule, {
          what: "the list of rules",
          none: "no rule opens an inner port to everybody",
        }),
      );
    });
  },
});

function judgeRule({ name, ports, subnets, place }: TalosFirewallRule): Judgement | undefined {
  const opened = ports.map((port) => inner.get(port)).find((what) => what !== undefined);
  if (opened === undefined) return undefined;
  if (subnets.items.some((subnet) => /\/0$/.test(subnet))) {
    return fail(`the rule ${name} opens ${opened} to every address`, { place, detail: name, severity: "medium" });
  }
  return subnets.complete
    ? undefined
    : cannotTell(`whom the rule ${name} lets in`, subnets.why, { place, detail: name });
}
