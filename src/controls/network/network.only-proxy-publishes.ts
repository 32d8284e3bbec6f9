/**
 * Every published port is one more door; the proxy's are the ones with a lock.
 *
 * Reads:  listener.reach, listener.port, listener.protocol, image.reference (of its owner)
 * Passes: the listener is the proxy's, is meant for outside and encrypts by itself, or is bound to loopback.
 */
import type { Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { isNarrowed } from "../../facts/narrowed.ts";
import type { Listener } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isPrivateAddress } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { bindToLoopback } from "../fix.ts";
import { cannotTell, notApplicable, pass } from "../judge.ts";
import { serviceOf, useOf } from "../knowledge/listeners.ts";
import { rawServices } from "../knowledge/ports.ts";
import { forbidPublished, itemsOfPort, onLoopback, unpublish } from "../knowledge/published.ts";

export const onlyProxyPublishes = defineControl({
  id: "network.only-proxy-publishes",
  on: "listener",
  severity: "medium",
  title: "Only the proxy publishes ports",
  claim: "Nothing is published but the proxy and listeners that are meant for outside.",
  threat:
    "A service with a port of its own has no TLS, no allow-list, no rate limit and no common login before it, and Docker publishes past the host's own firewall rules.",
  remedy:
    'Remove the port and let the proxy reach the service by name over a shared network. Where no proxy is wanted, bind it to one interface: `"127.0.0.1:8080:8080"`.',
  judged:
    "Passes for a proxy's ports 80 and 443, for protocols that encrypt by themselves (WireGuard, MQTT over TLS, mail over TLS, SSH), for a name server on an address of one's own network, and on loopback. `0.0.0.0` is every address, not a chosen one. In a cluster that is a NodePort, a LoadBalancer, external addresses or a hostPort. Fails otherwise, at low on one chosen address, for named networks (`loadBalancerSourceRanges`), for load balancers with private addresses, and for UDP and for games, BitTorrent and their like, which no proxy can stand before. Datastores, admin interfaces, the engine's API and plaintext protocols have controls of their own.",
  limits:
    "A proxy is recognised by its image's name. A game server or a media server that must be reached directly is an exception to record.",
  remedies: {
    incus:
      'Remove the proxy device and let the proxy reach the instance by name (`NAME.incus`) over a shared network. Where no proxy is wanted, bind it to one address: `listen = "tcp:127.0.0.1:8080"`.',
    kubernetes:
      "Give the Service `type: ClusterIP`, take `hostPort` away, and let an HTTPRoute or Ingress lead to it; what is no HTTP gets a listener of the gateway and a TCPRoute.",
  },
  frameworks: {
    cisDocker: ["5.8", "5.9", "5.14"],
    owaspDocker: ["D03"],
    nsaKubernetes: ["network-policies"],
    owaspKubernetes: ["K05", "K06"],
    zeroTrust: ["3"],
    nistCsf: ["PR.IR-01"],
    coverage: ["N6", "N12", "T4"],
  },
  exposureMatters: false,
  fix: bindToLoopback,

  check(listener, system) {
    const use = useOf(listener, system);
    const judgement = forbidPublished(listener, ...describe(listener));
    if (judgement.verdict !== "fail") return judgement;
    switch (use.kind) {
      case "unknown":
        return cannotTell("whether this published port is the proxy's", use.why, { place: listener.place });
      case "edge":
        return pass("it is the proxy's port", listener.place);
      case "direct":
        return pass(`it is ${use.protocol}, which is meant for outside`, listener.place);
      case "node":
        return notApplicable(`${use.agent} listens on the node that cannot do without it`);
      case "service":
        if (answersOwnNetwork(listener))
          return pass("it answers names on an address of your own network", listener.place);
        return isWholeHost(listener, system)
          ? notApplicable("network.host-network-off reports that every port is the host's")
          : { ...judgement, items: itemsOfPort(listener) };
      default:
        return notApplicable("a control of its own judges it");
    }
  },
});

/** A name server is there for the whole of its network: it is bound to where it is to be asked, and no proxy stands before it. */
function answersOwnNetwork({ service, reach, hostAddress }: Listener): boolean {
  const address = hostAddress === undefined ? undefined : knownValue(hostAddress);
  if (service !== "dns" || address === undefined) return false;
  return knownValue(reach) === "one-address" && isPrivateAddress(address);
}

type Told = readonly [because: string, extras: { severity?: Severity; remedy: string; apart?: string }];

/** What is said of a published port: HTTP belongs behind the proxy, what no proxy can stand before is bound or filtered. */
function describe(listener: Listener): Told {
  const oneAddress = knownValue(listener.reach) === "one-address" || isNarrowed(listener);
  if (listener.platform === "kubernetes") return inCluster(listener, oneAddress);
  if (listener.service === "dns") {
    const remedy =
      'Bind it to the host\'s address in your own network, `"192.168.1.2:53:53/udp"`: on every address it answers the whole internet, which uses it to flood others.';
    return ["and answers everybody", { remedy, apart: "dns", ...(oneAddress ? { severity: "low" } : {}) }];
  }
  const raw = rawServices.get(serviceOf(listener) ?? "");
  const isUdp = knownValue(listener.protocol) === "udp";
  if (isUdp || raw !== undefined) {
    const remedy = `Bind it to one address, for example ${onLoopback(listener)}, or let the host's firewall pass only those who need it (chain DOCKER-USER); where everybody is meant to come, record it: \`# ringwall-ignore network.only-proxy-publishes: reason\`.`;
    if (isUdp || raw === undefined)
      return ["and no proxy can stand before it", { severity: "low", remedy, apart: "udp" }];
    const severity = oneAddress ? "low" : raw.severity;
    return [`and no HTTP proxy can stand before ${raw.protocol}`, { severity, remedy, apart: raw.protocol }];
  }
  const remedy = `Remove the port and let the proxy reach ${listener.owner.name} by that name over a shared network. Where no proxy is wanted, bind it to one interface: ${onLoopback(listener)}.`;
  const because = listener.publishedRange?.stands === true ? "with no proxy before them" : "with no proxy before it";
  return [because, { remedy, ...(oneAddress ? { severity: "low" } : {}) }];
}

function inCluster(listener: Listener, narrow: boolean): Told {
  const udp = knownValue(listener.protocol) === "udp";
  const because = udp ? "and no gateway stands before it" : "with no gateway before it";
  const instead = udp ? "a UDPRoute of the gateway, or a policy that names who may come" : "an HTTPRoute or Ingress";
  const remedy = `${unpublish(listener)}, and use ${instead}; where it is meant to be met directly, record it.`;
  return [because, { remedy, ...(narrow || udp ? { severity: "low" } : {}), ...(udp ? { apart: "udp" } : {}) }];
}

/** Whether a pod shares its node's network, so that one finding says it of all of its ports. */
function isWholeHost(listener: Listener, system: System): boolean {
  if (listener.platform !== "kubernetes" || listener.publishedBy !== undefined) return false;
  const owner = system.workload(listener.owner);
  return owner !== undefined && knownValue(owner.networkMode)?.kind === "host";
}
