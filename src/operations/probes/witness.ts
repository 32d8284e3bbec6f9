import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import ipaddr from "ipaddr.js";
import { namespaceName } from "./outside.ts";
import type { ProbeNetwork } from "./running.ts";
import type { ProbeTarget } from "./target.ts";

const run = promisify(execFile);

/** A neighbour of the probe's own on one network of the stack, from which its members must answer. */
export interface Guest {
  readonly network: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/**
 * Joins a namespace of the probe's own to the bridge of a network, with an address there that nobody has. It makes the
 * best witness: what answers it there listens, so that a silence towards others is the network's doing. Undefined where
 * the network has no bridge on this machine or no free IPv4 address; removed by `close`. Needs root.
 */
export async function joinNetwork(network: ProbeNetwork, targets: readonly ProbeTarget[]): Promise<Guest | undefined> {
  const taken = targets.flatMap(({ addresses }) =>
    addresses.filter((one) => one.network === network.key).flatMap(({ address, gateway }) => [address, gateway ?? ""]),
  );
  const place = network.subnets.map((subnet) => highestFree(subnet, taken)).find((one) => one !== undefined);
  if (place === undefined) return undefined;
  const id = randomBytes(3).toString("hex");
  const namespace = namespaceName(id);
  const [outer, inner] = [`rwg${id}`, `rwi${id}`];
  const close = async (): Promise<void> => {
    await ip(["link", "del", outer]).catch(() => undefined);
    await ip(["netns", "del", namespace]).catch(() => undefined);
  };
  try {
    await ip(["netns", "add", namespace]);
    await ip(["link", "add", outer, "type", "veth", "peer", "name", inner, "netns", namespace]);
    await ip(["link", "set", outer, "master", network.bridge, "up"]);
    await ip(["-n", namespace, "addr", "add", place, "dev", inner]);
    await ip(["-n", namespace, "link", "set", inner, "up"]);
    return { network: network.key, namespace, close };
  } catch {
    await close();
    return undefined;
  }
}

/** The highest address of an IPv4 network that is neither its broadcast address nor taken, with the prefix. */
export function highestFree(subnet: string, taken: readonly string[]): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(subnet)) return undefined;
  const [, bits] = ipaddr.IPv4.parseCIDR(subnet);
  const first = toNumber(ipaddr.IPv4.networkAddressFromCIDR(subnet).toByteArray());
  const last = first + 2 ** (32 - bits) - 1;
  // The first is left for the bridge, told or not; a stack's network has a handful of members.
  for (let at = last - 1; at > first + 1 && at > last - 4096; at--) {
    const address = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256).join(".");
    if (!taken.includes(address)) return `${address}/${bits}`;
  }
  return undefined;
}

function toNumber(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

async function ip(args: readonly string[]): Promise<void> {
  await run("ip", args, { timeout: 10_000 });
}
