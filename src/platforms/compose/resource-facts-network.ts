import type { ResolvedStack } from "../../contracts/resolved.ts";
import { reachOfBinding } from "../../facts/binding-reach.ts";
import { complete, defaulted, stated } from "../../facts/fact.ts";
import type { Listener, Network } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { insideListenerRef, networkRef, publishedListenerRef, workloadRef } from "./refs.ts";
import type { ResourceIndex } from "./resource-facts-index.ts";
import type { ComposeNetwork, ComposePort, ComposeResources, ComposeService } from "./resources.ts";

/** The networks of a stack; each stands where its zone is declared. */
export function networkFacts(resources: ComposeResources, stack: ResolvedStack): readonly Network[] {
  const zonePlaces = new Map(stack.zones.map((zone) => [zone.name, zone.place]));
  return resources.networks.map((network) => {
    const place = (network.zone === undefined ? undefined : zonePlaces.get(network.zone)) ?? stack.place;
    return networkFact(resources.project, network, stack.policies.hostAccess === "firewall", place);
  });
}

/** `firewalled`: `up` writes rules that keep every network from the host. */
function networkFact(system: string, network: ComposeNetwork, firewalled: boolean, place: Place): Network {
  const withoutAddress = network.driverOptions["com.docker.network.bridge.inhibit_ipv4"] === "true";
  return {
    kind: "network",
    ref: networkRef(system, network.key),
    lens: "declared",
    platform: "compose",
    place,
    driver: stated("bridge", place),
    internal: stated(network.internal, place),
    external: defaulted(false, "platform", place),
    subnets: complete([stated(network.subnet, place)], place),
    attachable: defaulted(false, "platform", place),
    memberTraffic: defaulted(true, "platform", place),
    hostAccess:
      firewalled || (network.internal && withoutAddress) ? stated(false, place) : defaulted(true, "platform", place),
  };
}

/** Every port that a service listens on: on the host where it is published, inside its networks otherwise. */
export function listenerFacts(index: ResourceIndex, service: ComposeService, place: Place): readonly Listener[] {
  return service.ports.map((port) => listenerFact(index.system, service.name, port, place));
}

function listenerFact(system: string, service: string, port: ComposePort, place: Place): Listener {
  const shared = {
    kind: "listener",
    lens: "declared",
    platform: "compose",
    place,
    owner: workloadRef(system, service),
    protocol: stated(port.protocol, place),
    port: stated(port.port, place),
  } as const;
  if (port.host === undefined) {
    const ref = insideListenerRef(system, service, port.port, port.protocol);
    return { ...shared, ref, reach: defaulted("networks", "platform", place) };
  }
  const { address, port: hostPort } = port.host;
  return {
    ...shared,
    ref: publishedListenerRef(system, service, { address, port: hostPort, protocol: port.protocol }),
    hostPort: stated(hostPort, place),
    hostAddress: stated(address, place),
    reach: stated(reachOfBinding(address), place),
  };
}
