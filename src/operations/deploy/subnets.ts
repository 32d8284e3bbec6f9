import { cidrOf } from "../../lib/cidr.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import type { EngineState } from "./engine-state.ts";
import { ownership } from "./ownership.ts";

/** A range of addresses that the host already reaches in some way. */
export interface HostSubnet {
  readonly cidr: string;
  /** `interface eth0`, `route over wg0`. */
  readonly what: string;
  /** The interface's name, by which the stack's own bridges are told apart. */
  readonly device: string;
}

/**
 * Subnets of the stack that the host or another network of the engine has already, as sentences. Docker accepts such an
 * overlap without a word, and then one of the two cannot be reached.
 */
export function subnetClashes(
  resources: ComposeResources,
  state: EngineState,
  host: readonly HostSubnet[],
  adopt: boolean,
): readonly string[] {
  const ownNames = new Set(resources.networks.map((network) => network.name));
  const ours = state.networks.filter(
    (network) => ownNames.has(network.Name) && (adopt || ownership(network.Labels, resources.project) === "ours"),
  );
  const ownBridges = new Set(ours.flatMap((network) => bridgeOf(network.Id, network.Options)));
  const engineRanges = state.networks
    .filter((network) => !ours.includes(network))
    .flatMap((network) =>
      network.IPAM.Config.map(({ Subnet }) => ({
        cidr: Subnet,
        what: `the network ${network.Name} of the engine`,
        device: bridgeOf(network.Id, network.Options)[0] ?? "",
      })),
    );
  const engineBridges = new Set(engineRanges.map(({ device }) => device));
  const hostRanges = host.filter(({ device }) => !ownBridges.has(device) && !engineBridges.has(device));
  return resources.networks.flatMap((network) => {
    const clash = [...engineRanges, ...hostRanges].find(({ cidr }) => overlaps(network.subnet, cidr));
    if (clash === undefined) return [];
    return [
      `The subnet ${network.subnet} of the network "${network.key}" overlaps with ${clash.cidr}, which ${clash.what} has. Give its zone another range in stack.yaml.`,
    ];
  });
}

/** The bridge of a network: named by an option, else `br-` and the first twelve digits of its id; `docker0` by an option too. */
function bridgeOf(id: string, options: Readonly<Record<string, string>>): string[] {
  return [options["com.docker.network.bridge.name"] ?? `br-${id.slice(0, 12)}`];
}

/** Whether two ranges of one family share an address; false when either is no range. */
export function overlaps(a: string, b: string): boolean {
  const parsedA = cidrOf(a);
  const parsedB = cidrOf(b);
  if (parsedA === undefined || parsedB === undefined) return false;
  const [addressA, prefixA] = parsedA;
  const [addressB, prefixB] = parsedB;
  if (addressA.kind() !== addressB.kind()) return false;
  const prefix = Math.min(prefixA, prefixB);
  return samePrefix(addressA.toByteArray(), addressB.toByteArray(), prefix);
}

function samePrefix(a: readonly number[], b: readonly number[], bits: number): boolean {
  for (let index = 0, left = bits; left > 0; index++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((a[index] ?? 0) & mask) !== ((b[index] ?? 0) & mask)) return false;
  }
  return true;
}
