import ipaddr from "ipaddr.js";

/** A network as a number with the bits of its address family. */
export interface Network {
  readonly address: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

export function parseAddress(written: string): { readonly address: bigint; readonly bits: 32 | 128 } | undefined {
  if (!ipaddr.isValid(written) || (!written.includes(":") && !/^\d+\.\d+\.\d+\.\d+$/.test(written))) return undefined;
  const bytes = ipaddr.parse(written).toByteArray();
  const address = bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  return { address, bits: bytes.length === 4 ? 32 : 128 };
}

/** `10.0.0.7/24` as the network 10.0.0.0 with 24 bits. */
export function parseNetwork(written: string): Network | undefined {
  const [, host = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(written) ?? [];
  const parsed = parseAddress(host);
  const prefix = Number(length);
  if (parsed === undefined || length === "" || prefix > parsed.bits) return undefined;
  const shift = BigInt(parsed.bits - prefix);
  return { address: (parsed.address >> shift) << shift, prefix, bits: parsed.bits };
}

export function formatAddress(address: bigint, bits: 32 | 128): string {
  const bytes: number[] = [];
  for (let shift = BigInt(bits - 8); shift >= 0n; shift -= 8n) bytes.push(Number((address >> shift) & 0xffn));
  return bits === 32 ? bytes.join(".") : new ipaddr.IPv6(bytes).toRFC5952String();
}
