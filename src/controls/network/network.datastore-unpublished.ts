/**
 * A published datastore turns one leaked or guessed password into a breach.
 *
 * Reads:  listener.reach, listener.port, image.reference (of its owner)
 * Passes: no datastore listens beyond its own networks and the host's loopback.
 */
import type { Listener } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { bindToLoopback } from "../fix.ts";
import { notApplicable } from "../judge.ts";
import { useOf } from "../knowledge/listeners.ts";
import { productOf } from "../knowledge/products.ts";
import { forbidPublished, itemsOfPort, onLoopback, unpublish } from "../knowledge/published.ts";

export const datastoreUnpublished = defineControl({
  id: "network.datastore-unpublished",
  on: "listener",
  severity: "high",
  title: "Datastores publish no port",
  claim: "No datastore can be reached from outside its own networks.",
  threat:
    "Databases are scanned for within hours of being published. A weak password, or none, gives the data away; Docker's published ports pass by the host's own firewall rules.",
  remedy:
    'Remove the port from `ports:`. Services on the same network reach the store by its name without it. For your own access from the host, bind it to loopback: `"127.0.0.1:5432:5432"`.',
  remedies: {
    incus:
      'Remove the proxy device or the forward\'s port; instances on the same network reach the store by `NAME.incus`. For your own access bind it to loopback: `listen = "tcp:127.0.0.1:5432"`.',
  },
  judged:
    "A listener is a datastore's or broker's by its image's name or by its container port (5432, 3306, 6379, …). Fails when it is published on every address or on one of the host's, in a cluster by a NodePort, a LoadBalancer, external addresses, a hostPort or a TCPRoute: at medium where the addresses that may come are named, and on an address of a tailnet. Loopback passes. Unknown when its reach cannot be resolved.",
  frameworks: {
    cisDocker: ["5.8", "5.9", "5.14"],
    owaspDocker: ["D03"],
    nsaKubernetes: ["network-policies"],
    owaspKubernetes: ["K05", "K06"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N5", "N6", "N12"],
  },
  exposureMatters: false,
  fix: bindToLoopback,

  check(listener, system) {
    const use = useOf(listener, system);
    if (use.kind === "unknown") return notApplicable(`${use.why}; network.only-proxy-publishes reports it`);
    if (use.kind !== "datastore") return notApplicable("not a datastore");
    const judgement = forbidPublished(listener, `and ${listener.owner.name} is a ${kindOf(listener, system)}`, {
      remedy: remedyFor(listener),
    });
    return judgement.verdict === "fail" ? { ...judgement, items: itemsOfPort(listener) } : judgement;
  },
});

function kindOf(listener: Listener, system: System): string {
  const owner = system.workload(listener.owner);
  const roles = owner === undefined ? undefined : productOf(owner, system).roles;
  return roles?.has("broker") === true && !roles.has("datastore") ? "broker" : "datastore";
}

function remedyFor(listener: Listener): string {
  const { owner } = listener;
  if (listener.platform === "kubernetes") {
    return `${unpublish(listener)}: pods reach it by its Service's name. For your own access use \`kubectl port-forward\`.`;
  }
  return `${unpublish(listener)}: services on the same network reach ${owner.name} by that name without it. For your own access from the host, bind it to loopback: ${onLoopback(listener)}.`;
}
