import { readFile } from "node:fs/promises";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { HostSubnet } from "./subnets.ts";

/** What this machine's interfaces and routing table reach; loopback, link-local and the default route left out. */
export async function readHostSubnets(): Promise<readonly HostSubnet[]> {
  const table = await readFile("/proc/net/route", "utf8").catch(() => "");
  return [...interfaceSubnets(networkInterfaces()), ...routedSubnets(table)];
}

export function interfaceSubnets(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): readonly HostSubnet[] {
  return Object.entries(interfaces).flatMap(([device, addresses]) =>
    (addresses ?? []).flatMap(({ cidr, internal }) =>
      cidr === null || internal || cidr.startsWith("fe80:")
        ? []
        : [{ cidr, what: `the interface ${device} of this machine`, device }],
    ),
  );
}

/** `/proc/net/route`: one line a route, addresses as hexadecimal in the byte order of the machine (little-endian). */
export function routedSubnets(table: string): readonly HostSubnet[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [device = "", destination, , , , , , mask] = line.split("\t").map((field) => field.trim());
      const hexadecimal = /^[0-9A-F]{8}$/i;
      if (destination === undefined || mask === undefined) return [];
      if (!hexadecimal.test(destination) || !hexadecimal.test(mask)) return [];
      const prefix = bitsOf(Number.parseInt(mask, 16));
      if (prefix === 0) return [];
      return [{ cidr: `${dotted(destination)}/${prefix}`, what: `a route over ${device} of this machine`, device }];
    });
}

function dotted(hexadecimal: string): string {
  const value = Number.parseInt(hexadecimal, 16);
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255].join(".");
}

function bitsOf(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}
