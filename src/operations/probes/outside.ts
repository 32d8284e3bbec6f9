import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
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
   * Gives the world one address of a network (CIDR, IPv4), drawn by lot, for asking as a client from there; the same one
   * when asked again. Undefined where the host itself is in the network, since the address might be somebody's, and for
   * networks that no client comes from (loopback, multicast).
   */
  borrow(cidr: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Makes the world. Needs root and `ip`; throws a RingwallError that says which is missing. What a killed probe left
 * behind is removed first.
 */
export async function makeOutsideWorld(): Promise<OutsideWorld> {
  await removeLeftovers();
  const id = randomBytes(3).toString("hex");
  const namespace = namespaceName(id);
  const hostEnd = `rwp${id}`;
  const worldEnd = `rww${id}`;
  const octet = 4 * (Number.parseInt(id.slice(0, 2), 16) % 64);
  const v4 = { host: `198.51.100.${octet + 1}`, world: `198.51.100.${octet + 2}` };
  const v6 = { host: `2001:db8:${id.slice(0, 4)}::1`, world: `2001:db8:${id.slice(0, 4)}::2` };
  const borrowed = new Map<string, Promise<string | undefined>>();
  const close = async (): Promise<void> => {
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
    // As on the Internet, nothing there knows a way to private addresses: what was not translated gets no answer.
    for (const cidr of ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
      await ip(["-n", namespace, "route", "add", "blackhole", cidr]);
    const withV6 = await addIpv6(namespace, hostEnd, worldEnd, v6);
    return {
      namespace,
      addresses: [{ address: v4.world, family: 4 }, ...(withV6 ? [{ address: v6.world, family: 6 as const }] : [])],
      hostAddresses: [{ address: v4.host, family: 4 }, ...(withV6 ? [{ address: v6.host, family: 6 as const }] : [])],
      // Two routes that ask at once for the same network get the same address.
      borrow(cidr) {
        const known = borrowed.get(cidr) ?? borrowFrom(cidr, namespace, worldEnd, hostEnd);
        borrowed.set(cidr, known);
        return known;
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

/** A namespace's name, which tells whose it is: the number of this process stands in it. */
export function namespaceName(id: string): string {
  return `ringwall-${process.pid}-${id}`;
}

/** Removes namespaces of probes that no longer run, and with them their cables. */
async function removeLeftovers(): Promise<void> {
  const listed = await run("ip", ["netns", "list"], { timeout: 10_000 }).catch(() => ({ stdout: "" }));
  for (const [name, pid] of listed.stdout.matchAll(/^ringwall-(\d+)-[0-9a-f]{6}\b/gm))
    if (!existsSync(`/proc/${pid}`)) await quietly("ip", ["netns", "del", name]);
}

/** The route on the host goes away with the cable. */
async function borrowFrom(
  cidr: string,
  namespace: string,
  worldEnd: string,
  hostEnd: string,
): Promise<string | undefined> {
  const own = hostAddresses().map((entry) => entry.address);
  const address = freeAddress(cidr, own, randomBytes(4).readUInt32BE(0) / 2 ** 32);
  if (address === undefined) return undefined;
  await ip(["-n", namespace, "addr", "add", `${address}/32`, "dev", worldEnd]);
  await ip(["route", "add", `${address}/32`, "dev", hostEnd]);
  return address;
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
    await ip(["-n", namespace, "-6", "route", "add", "blackhole", "fc00::/7"]);
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

/**
 * An address of an IPv4 network, neither its first nor its last; `lot` (0 to below 1) draws which. A run of the probe
 * thereby comes from another address than the run before, whose requests a rate limit may still count. Undefined for
 * networks that hold none, in which the host has an address, or that are no client's.
 */
export function freeAddress(cidr: string, own: readonly string[], lot: number): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [network, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const taken = own.some((address) => ipaddr.IPv4.isValid(address) && ipaddr.IPv4.parse(address).match(network, bits));
  if (taken || bits > 30) return undefined;
  const first = ipaddr.IPv4.networkAddressFromCIDR(cidr)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0);
  const chosen = first + 1 + Math.floor(lot * (2 ** (32 - bits) - 2));
  const address = [24, 16, 8, 0].map((shift) => Math.floor(chosen / 2 ** shift) % 256).join(".");
  const range = ipaddr.IPv4.parse(address).range();
  return ["loopback", "multicast", "broadcast", "unspecified", "linkLocal"].includes(range) ? undefined : address;
}
