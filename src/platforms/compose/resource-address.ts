import ipaddr from "ipaddr.js";
import { RingwallError } from "../../lib/error.ts";

/** The first address of a subnet that a machine can have, where Docker puts the gateway: `10.10.0.1` of `10.10.0.0/24`. */
export function firstAddress(cidr: string): string {
  if (!ipaddr.isValidCIDR(cidr)) {
    throw new RingwallError("invalid", `The subnet "${cidr}" is not an address and a prefix length.`, {
      hint: "Write it like 10.10.0.0/24.",
    });
  }
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  const masked = bytes.map((byte, index) => byte & maskByte(prefix, index));
  masked[masked.length - 1] = (masked.at(-1) ?? 0) | 1;
  return ipaddr.fromByteArray(masked).toString();
}

function maskByte(prefix: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefix - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}
