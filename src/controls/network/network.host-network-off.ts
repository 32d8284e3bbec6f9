/**
 * On the host's network there is no wall between a service and everything that listens on the host.
 *
 * Reads:  workload.networkMode, that of the workload whose network it shares, image.reference (of its containers)
 * Passes: the workload has networks of its own, none, or those of another workload that is seen.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { networkModeBehind, sharedNetworkOf } from "../knowledge/network-mode.ts";
import { nodeAgentOf } from "../knowledge/node-agents.ts";
import { productOf } from "../knowledge/products.ts";

export const hostNetworkOff = defineControl({
  id: "network.host-network-off",
  on: "workload",
  severity: "medium",
  title: "No service shares the host's network",
  claim: "No workload uses the host's network.",
  threat:
    "Every port that the program opens is open on every address of the host, and it reaches what listens on the host's loopback: databases, admin interfaces, other services.",
  remedy:
    "Remove `network_mode: host`, put the service on a network of its own, and publish only the ports that it needs under `ports:`. Discovery by broadcast (DLNA, mDNS, DHCP) may need a macvlan network instead.",
  remedies: {
    kubernetes:
      "Remove `hostNetwork: true`, and let a Service and the gateway lead to the pods; network policies then take them. What must find devices in the local network gets a second interface there (Multus).",
  },
  judged:
    "Fails for the host's network; in a cluster at low for a proxy. There it is not applicable to agents that a node cannot do without: the network plugin, kube-proxy, CSI node plugins, node-exporter, MetalLB's speaker, kube-vip and others that their own manifests put there, by the image that their project publishes, with nothing else in the pod but what those manifests put beside it. A service in another's network stands as that one does, of which the finding is told. Unknown when the mode cannot be resolved, or the network is that of a container that is not described here.",
  frameworks: {
    cisDocker: ["5.10"],
    owaspDocker: ["D03"],
    cisKubernetes: ["5.2.5"],
    podSecurity: ["baseline/hostNamespaces"],
    nsaKubernetes: ["no-host-namespaces", "network-policies"],
    owaspKubernetes: ["K01", "K05"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N2", "N6", "N12"],
  },
  // It is what exposes the workload: to raise it for that would count one fault twice.
  exposureMatters: false,

  check(workload, system): Judgement {
    const judgement = forbid(networkModeBehind(workload, system), (mode) => mode.kind === "host", {
      what: "the network mode",
      show: (mode) => mode.kind,
    });
    const owner = sharedNetworkOf(workload);
    if (owner !== undefined && judgement.verdict === "fail") return notApplicable(`the network is that of ${owner}`);
    if (owner !== undefined && judgement.verdict === "unknown") return { ...judgement, severity: "low" };
    if (judgement.verdict !== "fail" || workload.platform !== "kubernetes") return judgement;
    const agent = nodeAgentOf(workload, system);
    if (agent !== undefined) return notApplicable(`${agent.name} is on the host's network: ${agent.why}`);
    const found = { ...judgement, message: "it is on the node's own network, where no network policy takes it" };
    return productOf(workload, system).roles.has("proxy") ? { ...found, severity: "low" } : found;
  },
});
