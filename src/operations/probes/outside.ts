import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import ipaddr from "ipaddr.js";
import { RingwallError } from "../../lib/error.ts";

import { hostAddresses } from "./target.ts";

const run = promisify(execFile);

/**
 * A machine beyond the host, as a network namespace joined to it by one virtual cable. It has addresses from the
 * ranges reserved for documentation (RFC 5737, RFC 3849), so that it is nobody's, and is removed by `close`.
 */
export interface OutsideWorld {
  readonly namespace: string;
  /** Addresses of the world; a container that reaches them can reach any address beyond the host. */
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
  /** Addresses of the host as the world sees it. */
  readonly hostAddresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
  /**
   * Gives the world one address of a network (CIDR, IPv4), for asking as a client from there; the same one when asked
   * again. Undefined when the network is one of the host's own, where the address might be somebody's.
   */
  borrow(cidr: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Makes the world. Needs root and `ip`; throws a RingwallError that says which is missing. The names hold a random part,
 * and `ip netns` lists what a killed probe left behind under `ringwall-`.
 */
export async function makeOutsideWorld(): Promise<OutsideWorld> {
  const id = randomBytes(3).toString("hex");
  const namespace = `ringwall-${id}`;
  const hostEnd = `rwp${id}`;
  const worldEnd = `rww${id}`;
  const octet = 4 * (Number.parseInt(id.slice(0, 2), 16) % 64);
  const v4 = { host: `198.51.100.${octet + 1}`, world: `198.51.100.${octet + 2}` };
  const v6 = { host: `2001:db8:${id.slice(0, 4)}::1`, world: `2001:db8:${id.slice(0, 4)}::2` };
  const borrowed = new Map<string, string>();
  const close = async (): Promise<void> => {
    for (const address of borrowed.values()) await quietly("ip", ["route", "del", `${address}/32`, "dev", hostEnd]);
    await quietly("ip", ["link", "del", hostEnd]);
    await quietly("ip", ["netns", "del", namespace]);
  };
  try {
    await ip(["netns", "add", namespace]);
    await ip(["link", "add", hostEnd, "type", "veth", "peer", "name", worldEnd, "netns", namespace]);
    await ip(["addr", "add", `${v4.host}/30`, "dev", hostEnd]);
    await ip(["link", "set", hostEnd, "up"]);
    await ip(["-n", namespace, "link", "set", "lo", "up"]);
    await ip(["-n", namespace, "addr", "add", `${v4.world}/30`, "dev", worldEnd]);
    await ip(["-n", namespace, "link", "set", worldEnd, "up"]);
    await ip(["-n", namespace, "route", "add", "default", "via", v4.host]);
    const withV6 = await addIpv6(namespace, hostEnd, worldEnd, v6);
    return {
      namespace,
      addresses: [{ address: v4.world, family: 4 }, ...(withV6 ? [{ address: v6.world, family: 6 as const }] : [])],
      hostAddresses: [{ address: v4.host, family: 4 }, ...(withV6 ? [{ address: v6.host, family: 6 as const }] : [])],
      async borrow(cidr) {
        const known = borrowed.get(cidr);
        if (known !== undefined) return known;
        const address = freeAddress(
          cidr,
          hostAddresses().map((entry) => entry.address),
        );
        if (address === undefined) return undefined;
        await ip(["-n", namespace, "addr", "add", `${address}/32`, "dev", worldEnd]);
        await ip(["route", "add", `${address}/32`, "dev", hostEnd]);
        borrowed.set(cidr, address);
        return address;
      },
      close,
    };
  } catch (error) {
    await close();
    throw new RingwallError("permission", "The probe could not make a network namespace to look from outside.", {
      hint: "It needs root and the `ip` program of iproute2.",
      cause: error,
    });
  }
}

/** False where the kernel has no IPv6. */
async function addIpv6(
  namespace: string,
  hostEnd: string,
  worldEnd: string,
  v6: { host: string; world: string },
): Promise<boolean> {
  try {
    await ip(["addr", "add", `${v6.host}/64`, "dev", hostEnd, "nodad"]);
    await ip(["-n", namespace, "addr", "add", `${v6.world}/64`, "dev", worldEnd, "nodad"]);
    await ip(["-n", namespace, "-6", "route", "add", "default", "via", v6.host]);
    return true;
  } catch {
    return false;
  }
}

async function ip(args: readonly string[]): Promise<void> {
  await run("ip", args, { timeout: 10_000 });
}

async function quietly(program: string, args: readonly string[]): Promise<void> {
  await run(program, args, { timeout: 10_000 }).catch(() => undefined);
}

/** The 77th address of an IPv4 network, or its last but one; undefined when the host itself has an address in it. */
export function freeAddress(cidr: string, own: readonly string[]): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [network, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const taken = own.some((address) => ipaddr.IPv4.isValid(address) && ipaddr.IPv4.parse(address).match(network, bits));
  if (taken || bits > 30) return undefined;
  const first = ipaddr.IPv4.networkAddressFromCIDR(cidr)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0);
  const chosen = first + Math.min(77, 2 ** (32 - bits) - 2);
  return [24, 16, 8, 0].map((shift) => Math.floor(chosen / 2 ** shift) % 256).join(".");
}
