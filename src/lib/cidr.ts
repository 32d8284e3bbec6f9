import ipaddr from "ipaddr.js";

/**
 * A network in CIDR notation (`10.0.0.0/8`, `fd00::/8`) as its address and the bits of its prefix; undefined for any other
 * text. The library by itself tries each as IPv6 first, and throws inside for every one of IPv4.
 */
export function cidrOf(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  const version = text.includes(":") ? ipaddr.IPv6 : ipaddr.IPv4;
  return version.isValidCIDR(text) ? version.parseCIDR(text) : undefined;
}

/** Whether a network is of all addresses of its version: `0.0.0.0/0`, `::/0`, in whatever spelling. */
export function isEveryAddress(text: string): boolean {
  return cidrOf(text)?.[1] === 0;
}
