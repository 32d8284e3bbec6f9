import { type Fact, stated, unknown } from "../facts/fact.ts";
import type { Place } from "../lib/place.ts";

/** Object identifiers of signature algorithms, in hexadecimal as DER writes them, and the hash each one signs. */
const hashes: readonly (readonly [identifier: string, hash: string])[] = [
  // 1.2.840.113549.1.1.x: RSA with MD2, MD5, SHA-1, SHA-256, SHA-384, SHA-512, SHA-224 (RFC 8017, appendix C).
  ["2a864886f70d010102", "md2"],
  ["2a864886f70d010104", "md5"],
  ["2a864886f70d010105", "sha1"],
  ["2a864886f70d01010b", "sha256"],
  ["2a864886f70d01010c", "sha384"],
  ["2a864886f70d01010d", "sha512"],
  ["2a864886f70d01010e", "sha224"],
  // 1.2.840.10045.4.x: ECDSA with SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 (RFC 5758).
  ["2a8648ce3d0401", "sha1"],
  ["2a8648ce3d040301", "sha224"],
  ["2a8648ce3d040302", "sha256"],
  ["2a8648ce3d040303", "sha384"],
  ["2a8648ce3d040304", "sha512"],
  // 1.2.840.10040.4.3: DSA with SHA-1.
  ["2a8648ce380403", "sha1"],
  // 1.3.101.112 and .113: Ed25519 and Ed448 (RFC 8410).
  ["2b6570", "none"],
  ["2b6571", "none"],
];

/** The hash that a certificate's signature is made over, from its DER form (RFC 5280, section 4.1). */
export function signatureHashOf(der: Buffer, place: Place): Fact<string> {
  const outer = element(der, 0);
  const body = outer === undefined ? undefined : element(der, outer.content);
  const algorithm = body === undefined ? undefined : element(der, body.end);
  const identifier = algorithm === undefined ? undefined : element(der, algorithm.content);
  if (identifier === undefined || identifier.tag !== 0x06) return unknown("its signature cannot be read", place);
  const written = der.subarray(identifier.content, identifier.end).toString("hex");
  const known = hashes.find(([each]) => each === written)?.[1];
  return known === undefined ? unknown("its signature is of a kind that is not known", place) : stated(known, place);
}

/** One element of DER: its tag, and where its content begins and ends; undefined for what is none. */
function element(der: Buffer, at: number): { tag: number; content: number; end: number } | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return within(der, { tag, content: at + 2, end: at + 2 + first });
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > der.length) return undefined;
  const content = at + 2 + count;
  return within(der, { tag, content, end: content + der.readUIntBE(at + 2, count) });
}

function within<T extends { end: number }>(der: Buffer, found: T): T | undefined {
  return found.end <= der.length ? found : undefined;
}
