import { complete, defaulted, type Fact, stated, unknown } from "../../../facts/fact.ts";
import type { Network } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import { networkRef } from "../refs.ts";
import type { EngineNetwork } from "./schemas.ts";
import { composeLabels } from "./snapshot.ts";

const bridgeOption = (name: string) => `com.docker.network.bridge.${name}`;

/** The key of a network in its project's file; the engine's own name for a network of another origin. */
export function networkKey(network: EngineNetwork, project: string): string {
  const key = network.Labels[composeLabels.network];
  return network.Labels[composeLabels.project] === project && key !== undefined ? key : network.Name;
}

/** One network as the engine has it. */
export function observeNetwork(system: string, network: EngineNetwork): Network {
  const place: Place = { kind: "object", locator: `network ${network.Name}` };
  return {
    kind: "network",
    ref: networkRef(system, networkKey(network, system)),
    lens: "running",
    platform: "compose",
    place,
    driver: stated(network.Driver, place),
    internal: network.Internal ? stated(true, place) : defaulted(false, "platform", place),
    external: stated(network.Labels[composeLabels.project] !== system, place),
    subnets: complete(
      network.IPAM.Config.filter(({ Subnet }) => Subnet !== "").map(({ Subnet }) => stated(Subnet, place)),
      place,
    ),
    attachable: network.Attachable ? stated(true, place) : defaulted(false, "platform", place),
    memberTraffic: memberTraffic(network, place),
    hostAccess: hostAccess(network, place),
  };
}

function memberTraffic(network: EngineNetwork, place: Place): Fact<boolean> {
  const written = network.Options[bridgeOption("enable_icc")];
  return written === undefined ? defaulted(true, "platform", place) : stated(written === "true", place);
}

/**
 * A bridge gives the host an address in the network, at which the host's own listeners answer, `internal` or not.
 * Only a bridge without such an address keeps them out: `inhibit_ipv4` for IPv4 on every engine, and
 * `gateway_mode_…=isolated` (Docker Engine 28) for each family.
 */
function hostAccess(network: EngineNetwork, place: Place): Fact<boolean> {
  switch (network.Driver) {
    case "bridge": {
      const isolated = (family: string) => network.Options[bridgeOption(`gateway_mode_${family}`)] === "isolated";
      const inhibited = /^(true|1|t)$/i.test(network.Options[bridgeOption("inhibit_ipv4")] ?? "");
      const closed = network.Internal && (inhibited || isolated("ipv4")) && (!network.EnableIPv6 || isolated("ipv6"));
      return closed ? stated(false, place) : defaulted(true, "platform", place);
    }
    // The kernel lets no packet pass between a macvlan or ipvlan and the interface it stands on.
    case "macvlan":
    case "ipvlan":
      return defaulted(false, "platform", place);
    default:
      return unknown(`it is not known what the driver "${network.Driver}" lets through to the host`, place);
  }
}
