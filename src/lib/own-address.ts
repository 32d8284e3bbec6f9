/** Which hosts are a machine's own, and which addresses no public network has. */
import ipaddr from "ipaddr.js";
import { cidrOf } from "./cidr.ts";

type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

const loopbackRanges = networksOf("127.0.0.0/8", "::1/128");
const unspecified = networksOf("0.0.0.0/32", "::/128");
/** Sources: RFC 1918, 3927, 4193, 4291 and 6598, whose addresses Tailscale takes too. */
const privateRanges = [
  ...loopbackRanges,
  ...networksOf("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
  ...networksOf("fc00::/7", "fe80::/10"),
];

/** Source: Tailscale's documentation, "IP pool" and "IPv6 support"; Headscale's `prefixes` are the same. */
const tailnetRanges = networksOf("100.64.0.0/10", "fd7a:115c:a1e0::/48");

/** Sources: RFC 6761, 6.3; the file of hosts that Docker and Kubernetes give each container, and Debian a machine. */
const loopbackNames = new Set(["localhost", "ip6-localhost", "ip6-loopback"]);
/** Hardly any other host begins so. */
const mayBeLoopback = /^[[:01li]/i;

/** Whether a host, as somebody wrote it, is the machine or container itself: by a name or an address, in brackets or not. */
export function isLoopback(host: string): boolean {
  if (!mayBeLoopback.test(host)) return false;
  return loopbackNames.has(host.toLowerCase().replace(/\.$/, "")) || isLoopbackAddress(host);
}

/** The same of addresses alone: `127.0.0.1`, `::1`, `[::ffff:127.0.0.1]`. */
export function isLoopbackAddress(host: string): boolean {
  return liesIn(host, loopbackRanges);
}

/** Whether what Ringwall itself sends there stays on this machine, whatever further names the machine has or lacks. */
export function isLocalhost(host: string): boolean {
  return host.toLowerCase() === "localhost" || isLoopbackAddress(host);
}

/** Whether an address stands for all of a machine's (`0.0.0.0`, `[::]`), or for none yet. */
export function isUnspecified(host: string): boolean {
  return /^[[:0]/.test(host) && liesIn(host, unspecified);
}

/** Whether whoever connects there gets itself. Linux takes what stands for every address for the loopback's. */
export function leadsToItself(host: string): boolean {
  return isLoopback(host) || isUnspecified(host);
}

/**
 * Whether an address, or every address of a network (`10.0.0.0/8`), is one that no public network has: this machine's, a
 * link's, one's own network's, or one behind a provider's.
 */
export function isPrivateAddress(text: string): boolean {
  return /^[[:\df]/i.test(text) && liesIn(text, privateRanges);
}

/** Whether an address is one that a machine has in a tailnet: its members alone can route to it. */
export function isTailnetAddress(host: string): boolean {
  return /^\[?(?:100\.|fd7a:)/i.test(host) && liesIn(host, tailnetRanges);
}

/** The host of `host:port` and `[host]:port`; all of a host that stands alone, an IPv6 address without brackets too. */
export function hostOf(address: string): string {
  return /^(?:\[[^\]]*\]|[^:]*)(?=:[^:]*$)/.exec(address)?.[0] ?? address;
}

/** The port of `host:port` and `[host]:port`; undefined where it names none. */
export function portOf(address: string): number | undefined {
  const [, port] = /^(?:\[[^\]\s]*\]|[^:\s]*):(\d{1,5})$/.exec(address) ?? [];
  const number = Number(port);
  return port !== undefined && number > 0 && number <= 65_535 ? number : undefined;
}

function liesIn(text: string, ranges: readonly Network[]): boolean {
  const network = networkOf(text.replace(/^\[([^\]]*)\]/, "$1"));
  if (network === undefined) return false;
  const [address, bits] = network;
  return ranges.some(
    ([start, least]) => address.kind() === start.kind() && bits >= least && address.match(start, least),
  );
}

/** An address with all of its bits, or a network; what IPv6 writes of IPv4 (`::ffff:10.0.0.1`) is that. */
function networkOf(text: string): Network | undefined {
  // The library throws, inside or not, for every name.
  if (!/^(?:[\d.]{1,15}|[\da-f:.]{2,45}(?:%[\w.-]{1,32})?)(?:\/\d{1,3})?$/i.test(text)) return undefined;
  const plain = text.startsWith("::") ? withoutDots(text) : text;
  const whole = plain.includes("/") ? cidrOf(plain) : cidrOf(`${plain}/${plain.includes(":") ? 128 : 32}`);
  if (whole === undefined) return undefined;
  const [address, bits] = whole;
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96
    ? [address.toIPv4Address(), bits - 96]
    : whole;
}

/** `::10.0.0.1` is `::a00:1` and no address of IPv4 (RFC 4291, 2.5.5.1), for which the library takes it. */
function withoutDots(text: string): string {
  return text.replace(
    /^::(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?=\/|$)/,
    (_, ...bytes: readonly string[]) =>
      `::${[0, 2].map((at) => (Number(bytes[at]) * 256 + Number(bytes[at + 1])).toString(16)).join(":")}`,
  );
}

function networksOf(...texts: readonly string[]): readonly Network[] {
  return texts.flatMap((text) => {
    const network = cidrOf(text);
    return network === undefined ? [] : [network];
  });
}
