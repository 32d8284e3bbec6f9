import { cidrOf } from "../lib/cidr.ts";
import { isPrivateAddress } from "../lib/own-address.ts";

/**
 * Whether a network takes in whoever comes from the internet, or a large part of it: `0.0.0.0/0`, `::/0`, `128.0.0.0/1`.
 * One of a provider's customer, `203.0.113.0/24`, is none; nor is a text that is no network.
 */
export function isWideNetwork(text: string): boolean {
  const network = cidrOf(text);
  if (network === undefined || isPrivateAddress(text)) return false;
  const [address, bits] = network;
  return bits <= (address.kind() === "ipv4" ? 8 : 16);
}
