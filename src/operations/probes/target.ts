import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { isLoopbackAddress } from "../../lib/own-address.ts";
import { type ListeningSocket, parseIpv6Addresses, parseSockets } from "./proc.ts";
import type { ProbeNetwork } from "./running.ts";

/** One address of a container, on one of its networks. */
export interface TargetAddress {
  readonly address: string;
  readonly family: 4 | 6;
  readonly network: string;
  readonly gateway: string | undefined;
}

/** One running service as probes see it. */
export interface ProbeTarget {
  readonly service: string;
  readonly containerId: string;
  /** The main process on the host. */
  readonly pid: number;
  readonly addresses: readonly TargetAddress[];
}

/** Sockets that listen in a process's network beyond its loopback, one entry a protocol and port. */
export function listeningIn(pid: number): ListeningSocket[] {
  const seen = new Set<string>();
  const sockets: ListeningSocket[] = [];
  for (const [file, protocol] of [
    ["tcp", "tcp"],
    ["tcp6", "tcp"],
    ["udp", "udp"],
    ["udp6", "udp"],
  ] as const) {
    for (const socket of parseSockets(readIfThere(`/proc/${pid}/net/${file}`), protocol)) {
      const key = `${protocol}/${socket.port}`;
      // It cannot be reached from another machine or namespace at all.
      if (isLoopbackAddress(socket.address) || seen.has(key)) continue;
      seen.add(key);
      sockets.push(socket);
    }
  }
  return sockets;
}

/** Global IPv6 addresses in a process's network that the engine did not tell of. */
export function ipv6AddressesIn(pid: number): string[] {
  return parseIpv6Addresses(readIfThere(`/proc/${pid}/net/if_inet6`))
    .filter((entry) => entry.scope === "global")
    .map((entry) => entry.address);
}

/** The host's own addresses that a container could try, loopback and link-local left out. */
export function hostAddresses(): { readonly address: string; readonly family: 4 | 6; readonly device: string }[] {
  return Object.entries(networkInterfaces()).flatMap(([device, entries]) =>
    (entries ?? [])
      .filter((entry) => !entry.internal && !entry.address.startsWith("fe80:"))
      .map((entry) => ({
        address: entry.address,
        family: entry.family === "IPv6" ? (6 as const) : (4 as const),
        device,
      })),
  );
}

/**
 * The link-local IPv6 addresses that the bridges of a container's networks have, as each side writes them. A container
 * without IPv6 has none to try: the kernel gives its interfaces no link-local address either.
 */
export function linkLocalGoals(
  target: ProbeTarget,
  networks: readonly ProbeNetwork[],
): { readonly address: string; readonly network: string; readonly fromContainer: string; readonly fromHost: string }[] {
  const devices = parseIpv6Addresses(readIfThere(`/proc/${target.pid}/net/if_inet6`))
    .filter((entry) => entry.scope === "link")
    .map((entry) => entry.device);
  const own = new Set(target.addresses.map((address) => address.network));
  const interfaces = networkInterfaces();
  return networks
    .filter((network) => own.has(network.key))
    .flatMap((network) =>
      (interfaces[network.bridge] ?? [])
        .filter((entry) => entry.address.startsWith("fe80:"))
        .flatMap(({ address }) =>
          devices.map((device) => ({
            address,
            network: network.key,
            fromContainer: `${address}%${device}`,
            fromHost: `${address}%${network.bridge}`,
          })),
        ),
    );
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
