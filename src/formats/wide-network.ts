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
  if (address.kind() === "ipv4") return bits <= 8;
  // Addresses of IPv4 as one listener for both kinds sees them.
  const isMapped = bits >= 96 && "isIPv4MappedAddress" in address && address.isIPv4MappedAddress();
  return bits <= (isMapped ? 96 + 8 : 16);
}
